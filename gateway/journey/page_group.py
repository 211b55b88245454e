"""Groups of pages: paths that differ only in an id, a slug or a date stand for one kind of page.

Two steps. The first looks at one path alone, so that it can be taken while events come in: a segment that looks like
an id becomes `*`. The second is learned from many paths: where a place in the site has very many names below it, they
become `*` as well, and what is seldom visited is told as its parent.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from gateway.journey.page import split_url

ANY = "*"
MAX_SEGMENTS = 4
"""Segments of a path that are told apart; deeper ones are left out."""
LONGEST_SEGMENT = 40
MAX_NAMES = 12
"""Names below one place of the site that are told apart as long as they are many."""
COMMON = 0.1
"""A name stays, however many there are beside it, when so large a share of the visits to its place are to it."""
_LOOKS_LIKE_AN_ID = re.compile(r"\d{3,}|^\d+$|^[0-9a-f]{8,}$|^[0-9a-f-]{32,}$|@|%", re.IGNORECASE)


@lru_cache(maxsize=16_384)
def page_group(url: str) -> str:
    """Return the path of a URL, beginning with "/", with `*` for each segment that looks like an id."""
    segments = [segment for segment in split_url(url).path.split("/") if segment]
    return "/" + "/".join(ANY if _is_id(segment) else segment for segment in segments[:MAX_SEGMENTS])


@dataclass(frozen=True)
class PageGroups:
    """The groups that were learned from visits: patterns such as `/product/*`, each standing for many paths."""

    patterns: tuple[str, ...]
    _known: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def group_of(self, path: str) -> str | None:
        """Return the pattern that stands for what `page_group` returned, or None where nobody had been.

        Where a whole path is unknown, the longest known part of it counts, except for the front page, which is in all.
        """
        if path not in self._known:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            self._known[path] = self._find(path)
        return self._known[path]

    def _find(self, path: str) -> str | None:
        if path == "/":
            return path if path in self._as_set else None
        found, place = None, ""
        for segment in _segments(path):
            place = next((p for p in (f"{place}/{segment}", f"{place}/{ANY}") if p in self._on_the_way), "")
            if not place:
                break
            found = place if place in self._as_set else found
        return found

    @cached_property
    def _as_set(self) -> frozenset[str]:
        return frozenset(self.patterns)

    @cached_property
    def _on_the_way(self) -> frozenset[str]:
        """Every pattern and what it begins with."""
        return frozenset(part for pattern in self.patterns for part in _beginnings(pattern))


_MAX_REMEMBERED = 16_384


def learn_page_groups(visits: Mapping[str, int], at_most: int) -> PageGroups:
    """Return the groups of the most visited paths; `visits` counts visits by what `page_group` returned."""
    folded: dict[str, int] = {}
    for path, count in _fold([(tuple(_segments(path)), count) for path, count in visits.items()]):
        pattern = "/" + "/".join(path)
        folded[pattern] = folded.get(pattern, 0) + count
    most = sorted(folded, key=lambda pattern: (-folded[pattern], pattern))[:at_most]
    return PageGroups(tuple(sorted(most)))


_Paths = list[tuple[tuple[str, ...], int]]


def _fold(paths: _Paths) -> _Paths:
    """Return the paths below one place, with names that are too many turned into `*`, at every depth."""
    below: dict[str, _Paths] = {}
    here: _Paths = []
    for segments, count in paths:
        if segments:
            below.setdefault(segments[0], []).append((segments[1:], count))
        else:
            here.append((segments, count))
    folded: _Paths = list(here)
    for name, rest in _merged(below).items():
        folded += [((name, *segments), count) for segments, count in _fold(rest)]
    return folded


def _merged(below: Mapping[str, _Paths]) -> Mapping[str, _Paths]:
    if len(below) <= MAX_NAMES:
        return below
    visits = {name: sum(count for _, count in rest) for name, rest in below.items()}
    common = COMMON * sum(visits.values())
    merged: dict[str, _Paths] = {}
    for name, rest in below.items():
        merged.setdefault(name if visits[name] >= common else ANY, []).extend(rest)
    return merged


def _is_id(segment: str) -> bool:
    return len(segment) > LONGEST_SEGMENT or _LOOKS_LIKE_AN_ID.search(segment) is not None


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _beginnings(pattern: str) -> Iterable[str]:
    place = ""
    for segment in _segments(pattern):
        place = f"{place}/{segment}"
        yield place
