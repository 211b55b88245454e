"""Why a prediction is as it is: the three things that moved it most, in words that an agent understands.

What a tree says is shared along the path to the leaf: each split moves the expectation from that of the node to that of
its child, on account of the column that it asks about (Saabas, 2014). Columns of one thing, such as how often, when and
how long a page was viewed, count together.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

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
        self._topics: list[Topic] = list(dict.fromkeys(topic_of(column) for column in columns))

    def reasons(self, leaves: Leaves, sights: Sequence["Sight | None"]) -> list[tuple[Reason, ...]]:
        """Return for each row what moved its prediction most, strongest first; nothing where nothing is known."""
        effects = self.effects(leaves)
        strongest = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :REASONS]
        chosen = np.take_along_axis(effects, strongest, axis=1)
        rows = zip(sights, strongest.tolist(), chosen.tolist(), strict=True)
        return [self._told(sight, topics, moved) if sight else () for sight, topics, moved in rows]

    def _told(self, sight: "Sight", topics: Sequence[int], moved: Sequence[float]) -> tuple[Reason, ...]:
        return tuple(
            Reason(sight.words_of(self._topics[topic]), effect)
            for topic, effect in zip(topics, moved, strict=True)
            if abs(effect) >= LEAST_EFFECT
        )

    def effects(self, leaves: Leaves) -> Floats:
        """Return for each row how far each topic moves it, in log-odds."""
        effects = np.zeros((len(leaves), len(self._topics)))
        for tree in range(leaves.shape[1]):
            effects += self._shares[leaves[:, tree]]
        return effects

    @cached_property
    def _shares(self) -> Floats:
        """Log-odds of each leaf for each topic."""
        numbers = {topic: number for number, topic in enumerate(self._topics)}
        topics = [numbers[topic_of(column)] for column in self._columns]
        shares = np.zeros((len(self._trees.values), len(self._topics)))
        for tree, root in enumerate(self._trees.structure):
            _share(root, self._trees.first_leaf(tree), topics, np.zeros(len(self._topics)), shares)
        return shares


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
        self._found: dict[Topic, str] = {}

    def words_of(self, topic: Topic) -> str:
        """Return what the session tells about a topic, as half a sentence whose subject is the visitor."""
        if topic not in self._found:
            kind, of = topic
            self._found[topic] = _WORDS[kind](of, self)
        return self._found[topic]

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """The places where the session has been."""
        return joined_places(self.state.places, self.schema)


def times(count: int) -> str:
    """Return a number of times in words."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def span(milliseconds: int) -> str:
    """Return a length of time in the largest unit that it fills."""
    seconds = milliseconds // 1000
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _place(of: str, sight: Sight) -> str:
    state, place = sight.state, sight.places.get(sight.schema.place_of(of))
    did, not_done = _deed(of)
    if place is None:
        return not_done
    ago = "" if place.last == state.steps else f", last {span(state.last_ms - place.last_ms)} ago"
    return f"{did} {span(state.last_ms - place.last_ms)} ago" if ago and place.times == 1 else _often(did, place) + ago


def _often(did: str, place: Place) -> str:
    return f"{did} {times(place.times)}"


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
