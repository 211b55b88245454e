"""An index over criteria: which of thousands of patterns may fit an event, at a cost that hardly grows with them.

Each pattern hangs on one of its criteria, its anchor: the one that the fewest events fit. Looking an event up finds
every pattern whose anchor it fits, and perhaps others, each with the question whether the rest of it fits as well.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from gateway.journey.criterion import NEGATIVE, NUMERIC, Criterion, Holds, Operator, holds, text_of

Subject = TypeVar("Subject")
Entry = TypeVar("Entry")
Reader = Callable[[Subject], object]
Rest = Callable[[Subject], bool]
"""Whether a subject that was found fits all that is asked for."""

MAX_KEPT = 4_096
"""Values whose entries are remembered, for each key: pages, sources and countries come again and again."""
FRAGMENT = 5
"""Characters of the fragments by which words within texts are found; shorter words are found whole."""
EVENT_NAME = "eventName"

_FRAGMENTED = frozenset({Operator.CONTAINS_ALL, Operator.CONTAINS_ANY, Operator.STARTS_WITH, Operator.ENDS_WITH})
_ONE_IS_ENOUGH = frozenset({Operator.CONTAINS_ALL})
"""Operators whose values must all be in the text, so that one of them leads there."""


class AnchorIndex(Generic[Subject, Entry]):
    """Finds entries by the criteria of each, all of which must hold for a subject."""

    def __init__(
        self, entries: Iterable[tuple[Sequence[Criterion], Entry]], reader_of: Callable[[str], Reader[Subject]]
    ) -> None:
        told = list(entries)
        commonness = Counter(asked for criteria, _ in told for criterion in criteria for asked in _asked(criterion))
        anchored: dict[str, list[tuple[Criterion, tuple[Entry, Rest[Subject]]]]] = defaultdict(list)
        #: Entries without an anchor: they may fit every subject.
        self._everywhere: list[tuple[Entry, Rest[Subject]]] = []
        for criteria, entry in told:
            anchor = min(criteria, key=lambda one: _breadth(one, commonness), default=None)
            if anchor is None or anchor.operator in NEGATIVE:
                self._everywhere.append((entry, all_hold(criteria, reader_of)))
            else:
                rest = [one for one in criteria if one is not anchor or one.operator in NUMERIC]
                anchored[anchor.key].append((anchor, (entry, all_hold(rest, reader_of))))
        self._keys = [(reader_of(key), _ByValue(hung).find) for key, hung in anchored.items()]

    @property
    def is_asked(self) -> bool:
        """Whether there is any entry."""
        return bool(self._keys or self._everywhere)

    def candidates(self, subject: Subject) -> Sequence[tuple[Entry, Rest[Subject]]]:
        """Return every entry that may fit, each once, with what tells whether it does."""
        if not self._keys:
            return self._everywhere
        found = list(self._everywhere)
        for read, find in self._keys:
            value = read(subject)
            if value is not None:
                found += find(value if isinstance(value, str) else text_of(value))
        return found


class _ByValue(Generic[Entry]):
    """The entries that hang on one key, by what its value must be or contain."""

    def __init__(self, hung: Sequence[tuple[Criterion, Entry]]) -> None:
        self._whole: dict[str, list[Entry]] = defaultdict(list)
        self._within: dict[str, list[Entry]] = defaultdict(list)
        self._told: list[Entry] = []
        #: Whether the text is the one asked for; a number has to be asked about itself.
        self._fits = {entry: holds(anchor) for anchor, entry in hung if anchor.operator not in NUMERIC}
        commonness = Counter(fragment for anchor, _ in hung for word in _words_of(anchor) for fragment in _cut(word))
        for anchor, entry in hung:
            self._hang(anchor, entry, commonness)
        self._lengths = sorted({len(fragment) for fragment in self._within})
        self.find = lru_cache(MAX_KEPT)(self._find)

    def _hang(self, anchor: Criterion, entry: Entry, commonness: Mapping[str, int]) -> None:
        if anchor.operator is Operator.EQUAL:
            for value in anchor.values:
                self._whole[value.casefold()].append(entry)
        elif anchor.operator in _FRAGMENTED:
            rarest = [
                min(_cut(word), key=lambda fragment: (commonness[fragment], fragment)) for word in _words_of(anchor)
            ]
            wanted = [min(rarest, key=lambda one: commonness[one])] if anchor.operator in _ONE_IS_ENOUGH else rarest
            for fragment in dict.fromkeys(wanted):
                self._within[fragment].append(entry)
        else:
            self._told.append(entry)

    def _find(self, value: str) -> tuple[Entry, ...]:
        text = value.casefold()
        fragments = {text[at : at + length] for length in self._lengths for at in range(len(text) - length + 1)}
        within = (entry for fragment in fragments & self._within.keys() for entry in self._within[fragment])
        found = dict.fromkeys((*self._told, *self._whole.get(text, ()), *within))
        return tuple(entry for entry in found if entry not in self._fits or self._fits[entry](value))


def all_hold(criteria: Sequence[Criterion], reader_of: Callable[[str], Reader[Subject]]) -> Rest[Subject]:
    """Return what tells whether all of the criteria hold for a subject."""
    asked: list[tuple[Reader[Subject], Holds]] = [(reader_of(one.key), holds(one)) for one in criteria]
    if not asked:
        return lambda _: True

    def all_of_them_hold(subject: Subject) -> bool:
        for read, answer in asked:  # noqa: SIM110 - `all` takes twice the time, for every candidate of every event
            if not answer(read(subject)):
                return False
        return True

    return all_of_them_hold


def _breadth(criterion: Criterion, commonness: Mapping[tuple[str, str], int]) -> tuple[int, int]:
    """Return what criteria are ordered by, those that fit the fewest subjects first: by kind, then by who else asks."""
    return _kind(criterion), max((commonness[asked] for asked in _asked(criterion)), default=0)


def _kind(criterion: Criterion) -> int:
    if criterion.operator in NEGATIVE:
        return 4
    if criterion.key == EVENT_NAME:
        return 2
    if criterion.operator is Operator.EQUAL:
        return 0
    return 1 if criterion.operator in _FRAGMENTED else 3


def _asked(criterion: Criterion) -> list[tuple[str, str]]:
    return [(criterion.key, value.casefold()) for value in criterion.values]


def _words_of(anchor: Criterion) -> list[str]:
    return [value.casefold() for value in anchor.values] if anchor.operator in _FRAGMENTED else []


def _cut(word: str) -> list[str]:
    """Return the fragments of a word, or a word as short as one."""
    return [word[at : at + FRAGMENT] for at in range(max(1, len(word) - FRAGMENT + 1))]
