"""Why a prediction is as it is: the three things that moved it most, in words that an agent understands.

What a tree says is shared along the path to the leaf: each split moves the expectation from that of the node to that of
its child, on account of the column that it asks about (Saabas, 2014). Columns of one thing, such as how often, when and
how long a page was viewed, count together.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from importlib import import_module
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from gateway.prediction.forest import Grown, Leaves, Node
from gateway.prediction.quality import Floats
from gateway.storage.documents.prediction import REASONS

NOTHING = -1
LEAST_EFFECT = 0.01
"""Log-odds below which something has not moved a prediction, whatever its rank."""
PLACE, ATTRIBUTE, PACE, LENGTH, PATH, TIME, VISITS = "place", "attribute", "pace", "length", "path", "time", "visits"
Topic = tuple[str, str]
Shares = NDArray[np.float32]


class Explanation:
    """What the leaves of several models say about each topic: those of ten, asked together, take half of the time."""

    def __init__(self, several: Sequence[tuple[Grown, Sequence[Column]]]) -> None:
        """Prepare it for the trees of models, each with the columns that its trees ask about, in order."""
        topics = dict.fromkeys(topic_of(column) for _, columns in several for column in columns)
        #: What the columns are about.
        self.topics: list[Topic] = list(topics)
        numbers = {topic: number for number, topic in enumerate(topics)}
        shares = [
            _shares(trees, [numbers[topic_of(one)] for one in columns], len(topics)) for trees, columns in several
        ]
        self._shares = np.concatenate(shares).astype(np.float32)  # the digits that get lost are never shown
        self._tree_counts = [len(trees.structure) for trees, _ in several]
        self._ones = np.ones(0, dtype=np.float32)
        self._sparse = import_module("scipy.sparse").csr_array  # 20 MB, for those alone who explain something

    def effects(self, leaves: Leaves) -> Shares:
        """Return how far each topic moves each row, in log-odds: by row, model and topic."""
        rows, models = len(leaves), len(self._tree_counts)
        ends = np.concatenate([[0], np.cumsum(np.tile(self._tree_counts, rows))]).astype(np.int32)
        if leaves.size > self._ones.size:
            self._ones = np.ones(leaves.size, dtype=np.float32)
        # As a product of matrices it takes a third of the time of adding up tree by tree, in the same order; twice as
        # much with indices of 64 bits, or with ones made anew.
        places = self._ones[: leaves.size], leaves.ravel(), ends
        chosen = self._sparse(places, shape=(rows * models, len(self._shares)))
        effects: Shares = (chosen @ self._shares).reshape(rows, models, len(self.topics))
        return effects

    def strongest(self, leaves: Leaves) -> "Strongest":
        """Return for each row and model the topics that move it most."""
        effects = self.effects(leaves)
        heights = np.abs(effects)
        shape = (*effects.shape[:2], REASONS)
        topics, moved = np.full(shape, NOTHING, dtype=np.int32), np.zeros(shape)
        by_row = np.arange(shape[0])[:, None], np.arange(shape[1])
        for rank in range(min(REASONS, effects.shape[2])):  # a fifth of the time that sorting takes
            topic = heights.argmax(axis=2)
            moved[..., rank], topics[..., rank] = effects[(*by_row, topic)], topic
            heights[(*by_row, topic)] = -1.0
        topics[np.abs(moved) < LEAST_EFFECT] = NOTHING
        return Strongest(topics, moved)


class Strongest(NamedTuple):
    """What moves predictions most, strongest first: by row, model and rank.

    `topics` are numbers among those of the explanation, NOTHING where too little is left; `effects` are in log-odds.
    """

    topics: NDArray[np.int32]
    effects: Floats


def _shares(trees: Grown, topics: Sequence[int], topic_count: int) -> Floats:
    """Return the log-odds of each leaf for each topic; `topics` are those of the columns, by number."""
    shares = np.zeros((len(trees.values), topic_count))
    for tree, root in enumerate(trees.structure):
        _share(root, trees.first_leaf(tree), topics, np.zeros(topic_count), shares)
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

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """The places where the session has been."""
        return joined_places(self.state.places, self.schema)


Wording = Callable[[Sight], str]
"""What tells of a session in words, as half a sentence whose subject is the visitor."""


def wording_of(topic: Topic, schema: FeatureSchema) -> Wording:
    """Return what finds the words for a topic."""
    kind, of = topic
    if kind == PLACE:
        return _wording_of_place(of, schema.place_of(of))
    if kind == ATTRIBUTE:
        return partial(_attribute, of)
    return _WORDINGS[kind]


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


def _wording_of_place(of: str, number: int) -> Wording:
    did, not_done = _deed(of)

    def words(sight: Sight) -> str:
        place = sight.places.get(number)
        if place is None:
            return not_done
        is_here = place.last == sight.state.steps
        return _done(did, place.times, None if is_here else (sight.state.last_ms - place.last_ms) // 1000)

    return words


@lru_cache(maxsize=16_384)  # visits are alike: finding the words anew takes four times as long
def _done(did: str, count: int, seconds_ago: int | None) -> str:
    """Return what was done so many times; it was done last just now, if not so many seconds ago."""
    if seconds_ago is None:
        return f"{did} {times(count)}"
    ago = span(seconds_ago * 1000)
    return f"{did} {ago} ago" if count == 1 else f"{did} {times(count)}, last {ago} ago"


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


def _pace(sight: Sight) -> str:
    state = sight.state
    if state.steps == 1:
        return "has just come"
    return _paced(state.last_ms // (state.steps - 1) // 1000, state.gaps[-1] // 1000)


@lru_cache(maxsize=16_384)
def _paced(mean: int, newest: int) -> str:
    """Return how many seconds a step takes."""
    return f"takes {span(mean * 1000)} a step, {span(newest * 1000)} for the newest"


def _length(sight: Sight) -> str:
    state = sight.state
    return "has just come" if state.steps == 1 else f"{state.steps} steps in {span(state.last_ms)}"


def _path(sight: Sight) -> str:
    keys = list(sight.state.places)
    newest = (keys[number] for number in sight.state.recent[-_SHOWN_STEPS:])
    return "went " + " → ".join(sight.schema.places[sight.schema.place_of(key)] for key in newest)


_SHOWN_STEPS = 3


def _time(sight: Sight) -> str:
    hours = (sight.state.begun + sight.state.last_ms) // 3_600_000
    return f"came at {hours % 24}:00 UTC"


def _visits(sight: Sight) -> str:
    return "is here for the first time" if sight.state.visits == 1 else f"is here for visit number {sight.state.visits}"


_WORDINGS: Mapping[str, Wording] = {PACE: _pace, LENGTH: _length, PATH: _path, TIME: _time, VISITS: _visits}
