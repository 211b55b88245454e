"""Why a prediction is as it is: the three things that moved it most, in words that an agent understands.

What a tree says is shared along the path to the leaf: each split moves the expectation from that of the node to that of
its child, on account of the column that it asks about (Saabas, 2014). Columns of one thing, such as how often, when and
how long a page was viewed, count together.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from importlib import import_module
from typing import Any, cast

import numpy as np

from gateway.journey.event import SEARCH_PERFORMED
from gateway.journey.feature_state import FeatureState, Number, Place
from gateway.journey.features import (
    CATEGORY,
    GAP,
    OF_NUMBER,
    OF_PLACE,
    OF_TIME,
    OTHER_PLACE,
    STEP,
    Column,
    FeatureSchema,
    category_of,
    joined_places,
)
from gateway.journey.outcome import Reason
from gateway.prediction.boosting import Leaves, Node, Trees
from gateway.prediction.quality import Floats

REASONS = 3
LEAST_EFFECT = 0.01
"""Log-odds below which something has not moved a prediction, whatever its rank."""
PLACE, ATTRIBUTE, PACE, LENGTH, PATH, TIME, VISITS = "place", "attribute", "pace", "length", "path", "time", "visits"
Topic = tuple[str, str]


class Explanation:
    """What each leaf says about each topic; `columns` are those that the trees ask about, in order."""

    def __init__(self, trees: Trees, columns: Sequence[Column]) -> None:
        self._trees = trees
        self._columns = columns
        #: What the columns are about, in the order of `shares`.
        self.topics: list[Topic] = list(dict.fromkeys(topic_of(column) for column in columns))

    def reasons(self, leaves: Leaves, sights: Sequence["Sight | None"]) -> list[tuple[Reason, ...]]:
        """Return for each row what moved its prediction most, strongest first; nothing where nothing is known."""
        return [reasons for (reasons,) in Explanations((self,)).reasons([leaves], sights)]

    def effects(self, leaves: Leaves) -> Floats:
        """Return for each row how far each topic moves it, in log-odds."""
        return Explanations((self,)).effects([leaves])

    @cached_property
    def shares(self) -> Floats:
        """Log-odds of each leaf for each topic."""
        numbers = {topic: number for number, topic in enumerate(self.topics)}
        topics = [numbers[topic_of(column)] for column in self._columns]
        shares = np.zeros((len(self._trees.values), len(self.topics)))
        for tree, root in enumerate(self._trees.structure):
            _share(root, self._trees.first_leaf(tree), topics, np.zeros(len(self.topics)), shares)
        return shares


class Explanations:
    """Explanations that are asked together: ten by themselves take twice as long."""

    def __init__(self, several: Sequence[Explanation]) -> None:
        self._topics = list(dict.fromkeys(topic for one in several for topic in one.topics))
        numbers = {topic: number for number, topic in enumerate(self._topics)}
        sizes = [len(one.shares) for one in several]
        self._first_leaf = np.cumsum([0, *sizes[:-1]])
        self._ones = np.ones(0)
        self._sparse = import_module("scipy.sparse").csr_array  # 20 MB, for those alone who explain something
        self._shares: Floats = np.zeros((sum(sizes), len(self._topics)))
        for first, one in zip(self._first_leaf, several, strict=True):
            columns = [numbers[topic] for topic in one.topics]
            self._shares[first : first + len(one.shares), columns] = one.shares

    def effects(self, leaves: Sequence[Leaves]) -> Floats:
        """Return how far each topic moves each row, in log-odds, for one explanation after the other."""
        trees = np.repeat([one.shape[1] for one in leaves], [len(one) for one in leaves])
        ends = np.concatenate([[0], np.cumsum(trees)]).astype(np.int32)
        moved = [(one + first).ravel() for one, first in zip(leaves, self._first_leaf, strict=True)]
        found = np.concatenate(moved, dtype=np.int32, casting="unsafe")
        if found.size > self._ones.size:
            self._ones = np.ones(found.size)
        # As a product of matrices it takes a third of the time of adding up tree by tree, in the same order; twice as
        # much with indices of 64 bits, or with ones made anew.
        chosen = self._sparse((self._ones[: found.size], found, ends), shape=(len(trees), len(self._shares)))
        effects: Floats = chosen @ self._shares
        return effects

    def reasons(self, leaves: Sequence[Leaves], sights: Sequence["Sight | None"]) -> list[list[tuple[Reason, ...]]]:
        """Return for each row and each explanation what moved the prediction most, strongest first."""
        topics, moved = _strongest(self.effects(leaves))
        counts = (np.abs(moved) >= LEAST_EFFECT).sum(axis=1)
        by_row = (_by_row(one, len(leaves)) for one in (topics, moved, counts))
        return [
            self._told(sight, *told) if sight else [()] * len(leaves)
            for sight, *told in zip(sights, *by_row, strict=True)
        ]

    def _told(
        self, sight: "Sight", topics: Sequence[int], moved: Sequence[float], counts: Sequence[int]
    ) -> list[tuple[Reason, ...]]:
        found, asked = sight.found, [self._topics[number] for number in topics]
        words = [found.get(topic) or sight.words_of(topic) for topic in asked]
        reasons = list(map(_reason, zip(words, moved, strict=True)))
        width = len(topics) // len(counts)
        return [tuple(reasons[at * width : at * width + count]) for at, count in enumerate(counts)]


def _by_row(numbers: Floats | Leaves, explanations: int) -> list[list[Any]]:
    """Return, row by row, what is told for one explanation after the other."""
    rows = len(numbers) // explanations
    told: list[list[Any]] = numbers.reshape(explanations, rows, -1).swapaxes(0, 1).reshape(rows, -1).tolist()
    return told


@lru_cache(maxsize=8)
def together(several: tuple[Explanation, ...]) -> Explanations:
    """Return these explanations as one."""
    return Explanations(several)


def _strongest(effects: Floats) -> tuple[Leaves, Floats]:
    """Return for each row the topics that move it most, strongest first, and how far."""
    heights = np.abs(effects)
    rows = np.arange(len(effects))
    strongest = np.zeros((len(effects), min(REASONS, effects.shape[1])), dtype=np.int64)
    for rank in range(strongest.shape[1]):  # a fifth of the time that sorting takes
        strongest[:, rank] = heights.argmax(axis=1)
        heights[rows, strongest[:, rank]] = -1.0
    return strongest, np.take_along_axis(effects, strongest, axis=1)


_reason = cast("Callable[[tuple[str, float]], Reason]", partial(tuple.__new__, Reason))
"""Makes a reason in half of the time that calling the class takes; an event has thirty."""


def _share(node: Node, first_leaf: int, topics: Sequence[int], so_far: Floats, shares: Floats) -> None:
    if "split_feature" not in node:
        shares[first_leaf + node.get("leaf_index", 0)] = so_far
        return
    for child in (node["left_child"], node["right_child"]):
        along = so_far.copy()
        along[topics[node["split_feature"]]] += (
            child.get("internal_value", child.get("leaf_value")) - node["internal_value"]
        )
        _share(child, first_leaf, topics, along, shares)


def topic_of(column: Column) -> Topic:
    """Return what a column is about."""
    if column.kind in OF_PLACE:
        return PLACE, column.of
    if column.kind == CATEGORY or column.kind in OF_NUMBER:
        return ATTRIBUTE, column.of
    return _TOPICS.get(column.kind, LENGTH), ""


_TOPICS: Mapping[str, str] = {
    **dict.fromkeys((GAP, "mean gap", "longest gap", "newest gaps", "spread of gaps", "median gap"), PACE),
    **dict.fromkeys(("short gaps", "long gaps"), PACE),
    **dict.fromkeys((STEP, "kinds of places", "entropy of places", "switches", "steps in a row"), PATH),
    **dict.fromkeys(OF_TIME, TIME),
    "visits": VISITS,
}


class Sight:
    """A session as words are found for it: its state, and its places by the number of their group."""

    def __init__(self, state: FeatureState, schema: FeatureSchema) -> None:
        self.state, self.schema = state, schema
        #: What was told already, by topic: models ask about the same things.
        self.found: dict[Topic, str] = {}

    def words_of(self, topic: Topic) -> str:
        """Return what the session tells about a topic, as half a sentence whose subject is the visitor."""
        words = self.found.get(topic)
        if words is None:
            kind, of = topic
            words = self.found[topic] = _WORDS[kind](of, self)
        return words

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """The places where the session has been."""
        return joined_places(self.state.places, self.schema)


@lru_cache
def times(count: int) -> str:
    """Return a number of times in words."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def span(milliseconds: int) -> str:
    """Return a length of time in the largest unit that it fills."""
    seconds = milliseconds // 1000
    if seconds < _MINUTE:
        return f"{seconds} s"
    size, unit = next(one for one in _UNITS if seconds >= one[0])
    return f"{seconds // size} {unit}"


_MINUTE = 60
_UNITS = ((86_400, "d"), (3_600, "h"), (_MINUTE, "min"))


def _place(of: str, sight: Sight) -> str:
    state, place = sight.state, sight.places.get(sight.schema.place_of(of))
    did, not_done = _deed(of)
    if place is None:
        return not_done
    if place.last == state.steps:
        return f"{did} {times(place.times)}"
    ago = span(state.last_ms - place.last_ms)
    return f"{did} {ago} ago" if place.times == 1 else f"{did} {times(place.times)}, last {ago} ago"


@lru_cache(maxsize=1_024)
def _deed(of: str) -> tuple[str, str]:
    """Return what was done at a place, and that it was not."""
    if of == SEARCH_PERFORMED:
        return "searched", "has not searched"
    if of == OTHER_PLACE:
        return "did something rare", "did nothing rare"
    if of.startswith("/"):
        return f"viewed {of}", f"has not viewed {of}"
    return f"did {of!r}", f"has not done {of!r}"


def _attribute(of: str, sight: Sight) -> str:
    value = sight.state.attributes.get(of)
    if isinstance(value, Number):
        return f"{of} is {value.last:g}"
    told = category_of(sight.state, of)
    return f"{of} is {told}" if told else f"{of} is unknown"


def _pace(_: str, sight: Sight) -> str:
    state = sight.state
    if state.steps == 1:
        return "has just come"
    return f"takes {span(state.last_ms // (state.steps - 1))} a step, {span(state.gaps[-1])} for the newest"


def _length(_: str, sight: Sight) -> str:
    state = sight.state
    return "has just come" if state.steps == 1 else f"{state.steps} steps in {span(state.last_ms)}"


def _path(_: str, sight: Sight) -> str:
    return "went " + " → ".join(sight.schema.places[sight.schema.place_of(key)] for key in sight.state.recent[-3:])


def _time(_: str, sight: Sight) -> str:
    hours = (sight.state.begun + sight.state.last_ms) // 3_600_000
    return f"came at {hours % 24}:00 UTC"


def _visits(_: str, sight: Sight) -> str:
    return "is here for the first time" if sight.state.visits == 1 else f"is here for visit number {sight.state.visits}"


_WORDS: Mapping[str, Callable[[str, Sight], str]] = {
    PLACE: _place,
    ATTRIBUTE: _attribute,
    PACE: _pace,
    LENGTH: _length,
    PATH: _path,
    TIME: _time,
    VISITS: _visits,
}
