"""Watching for definitions to be met: each event moves on the patterns that wait for it, and nothing is read again.

Segments and outcomes are watched for alike. A session keeps its own progress, a contact that of all its sessions.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.journey.anchor_index import EVENT_NAME, AnchorIndex, Rest, all_hold
from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.criterion import Criterion
from gateway.journey.criterion_keys import Visited, reader_of_event, reader_of_visit
from gateway.journey.event import Event
from gateway.journey.ids import derive_id


class Progress(NamedTuple):
    """How far a definition of this version has come: the pattern that is waited for, and how often it occurred."""

    version: int
    place: int = 0
    hits: int = 0


OCCURRED = Progress(0)
"""What stands under the id of a pattern that must not occur, once it has; many definitions may share one."""
AllProgress = Mapping[str, Progress]
"""By the id of the definition, or of a pattern that must not occur; those that have not begun are left out.

Of a contact, the progress by visits of a division other than the home division stands under `DIVISION:ID`.
"""
NO_PROGRESS: AllProgress = {}
_OF_DIVISION = ":"
"""Stands in no id of a definition, and in no key of a division."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A definition to watch for; another version of it begins anew."""

    id: str
    version: int
    conditions: Conditions


def progress_in_division(progress: AllProgress, division_id: str | None) -> AllProgress:
    """Return the progress of a contact by visits of one division, None for the home division, under the bare ids."""
    if division_id is None:
        foreign = any(_OF_DIVISION in id_ for id_ in progress)
        return {id_: known for id_, known in progress.items() if _OF_DIVISION not in id_} if foreign else progress
    mark = f"{division_id}{_OF_DIVISION}"
    return {id_.removeprefix(mark): known for id_, known in progress.items() if id_.startswith(mark)}


def progress_of_contact(progress: AllProgress, own: AllProgress, division_id: str | None) -> AllProgress:
    """Return the progress of a contact with this in the place of that of one division."""
    if division_id is None:
        others = {id_: known for id_, known in progress.items() if _OF_DIVISION in id_}
        return {**others, **own} if others else own
    mark = f"{division_id}{_OF_DIVISION}"
    others = {id_: known for id_, known in progress.items() if not id_.startswith(mark)}
    return {**others, **{f"{mark}{id_}": known for id_, known in own.items()}}


class Watch:
    """What is watched for together, ready to be asked about each event."""

    def __init__(self, watched: Iterable[Watched] = ()) -> None:
        self._all = [_Compiled(one) for one in watched]
        nevers = {never.id: never for one in self._all for never in one.nevers}
        self._ids = {one.id for one in self._all} | nevers.keys()
        self._with_nevers = {one.id: one for one in self._all if one.nevers}
        #: Those that ask for nothing to occur: they are complete before they begin.
        self._with_nevers_alone = [one for one in self._with_nevers.values() if not one.sequence]
        #: What may fit an event: a pattern by the numbers of its definition and of its place, or what must not occur.
        self._hung: AnchorIndex[Event, tuple[int, int] | _Never] = AnchorIndex(
            (
                *((asked, (number, place)) for number, one in enumerate(self._all) for place, asked in one.anchors),
                *((never.criteria, never) for never in nevers.values()),
            ),
            reader_of_event,
        )
        self._contexts: AnchorIndex[Visited, int] = AnchorIndex(
            ((one.about_visit, number) for number, one in enumerate(self._all) if one.about_visit), reader_of_visit
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is watched for."""
        return not self._all

    @property
    def asks_about_visit(self) -> bool:
        """Whether anything depends on what is known of the visit."""
        return self._contexts.is_asked

    def may_concern(self, event: Event) -> bool:
        """Tell whether the event may move any progress; if not, only news of the visit can have anything met."""
        return bool(self._hung.candidates(event))

    def moved(
        self, before: AllProgress, event: Event, session: Visited, met: Collection[str], *, visit_is_news: bool
    ) -> tuple[AllProgress, tuple[str, ...]]:
        """Return the progress after an event, and the ids of what is met by it, in the order of the definitions.

        `session` is as the event left it; `visit_is_news` if what is known of the visit is new since the last event.
        What was `met` before is not waited for; what is met by this event begins anew, for those who ask again when it
        has expired. The very same progress comes back when nothing has moved.
        """
        changed, occurred = self._moves(before, event, met)
        after = before
        if changed or occurred:
            is_all_watched = before.keys() <= self._ids
            kept = before if is_all_watched else {id_: known for id_, known in before.items() if id_ in self._ids}
            after = {**kept, **occurred, **{self._all[number].id: progress for number, progress in changed.items()}}
        by_visit = self._contexts.candidates(session) if visit_is_news else ()
        possible = {*changed, *(number for number, _ in by_visit)}
        fulfilled = [
            one
            for one in (self._all[number] for number in sorted(possible))
            if not one.nevers and one.id not in met and one.is_complete(after) and one.fits_visit(session)
        ]
        if not fulfilled:
            return after, ()
        return {**after, **{one.id: one.beginning for one in fulfilled}}, tuple(one.id for one in fulfilled)

    def met_at_the_end(self, progress: AllProgress, session: Visited, met: Collection[str]) -> tuple[str, ...]:
        """Return the ids of what is met now that the session is over: what asks for something not to have occurred."""
        return tuple(one.id for one in self._awaiting_end(progress, met) if one.fits_visit(session))

    def awaits_end(self, progress: AllProgress, met: Collection[str]) -> bool:
        """Tell whether something may be met once the session is over."""
        return any(True for _ in self._awaiting_end(progress, met))

    def _awaiting_end(self, progress: AllProgress, met: Collection[str]) -> Iterator["_Compiled"]:
        begun = (self._with_nevers[id_] for id_ in progress if id_ in self._with_nevers)
        for one in (*begun, *self._with_nevers_alone):
            if one.id not in met and one.is_complete(progress):
                yield one

    def _moves(
        self, before: AllProgress, event: Event, met: Collection[str]
    ) -> tuple[dict[int, Progress], dict[str, Progress]]:
        """Return the progress of what the event moves, by number; and of what must not occur, for some, and now has."""
        changed: dict[int, Progress] = {}
        occurred: dict[str, Progress] = {}
        for hung, fits in self._hung.candidates(event):
            if isinstance(hung, _Never):
                if hung.id not in before and fits(event):
                    occurred[hung.id] = OCCURRED
                continue
            number, place = hung
            one = self._all[number]
            known = one.progress_in(before)
            if place == known.place and one.id not in met and fits(event) and not one.is_violated(before):
                changed[number] = one.step(known)
        return changed, occurred


class _Never:
    """A pattern that must not occur, under an id that is made of what it asks for."""

    def __init__(self, pattern: Pattern) -> None:
        self.criteria = _criteria_of(pattern)
        self.id = derive_id("never", *(part for one in self.criteria for part in _parts_of(one)))


class _Compiled:
    """A definition with its criteria made into functions."""

    def __init__(self, watched: Watched) -> None:
        self.id = watched.id
        self.sequence = watched.conditions.sequence
        self.nevers = [_Never(pattern) for pattern in watched.conditions.nevers]
        self.about_visit = watched.conditions.about_visit
        self.version = watched.version
        self.beginning = Progress(watched.version)
        #: The criteria of each pattern that must occur, with its place.
        self.anchors = [(place, _criteria_of(pattern)) for place, pattern in enumerate(self.sequence)]
        self.fits_visit: Rest[Visited] = all_hold(self.about_visit, reader_of_visit)

    def progress_in(self, progress: AllProgress) -> Progress:
        """Return how far this version of the definition has come."""
        known = progress.get(self.id)
        return known if known is not None and known.version == self.version else self.beginning

    def is_violated(self, progress: AllProgress) -> bool:
        """Tell whether something has occurred that must not."""
        return any(never.id in progress for never in self.nevers)

    def is_complete(self, progress: AllProgress) -> bool:
        """Tell whether everything that must occur has occurred, and nothing that must not."""
        return self.progress_in(progress).place == len(self.sequence) and not self.is_violated(progress)

    def step(self, known: Progress) -> Progress:
        """Return the progress after an event that fits the pattern that is waited for."""
        hits = known.hits + 1
        if hits < self.sequence[known.place].count:
            return Progress(self.version, known.place, hits)
        return Progress(self.version, known.place + 1)


def _criteria_of(pattern: Pattern) -> Sequence[Criterion]:
    named = () if pattern.event_name is None else (Criterion(EVENT_NAME, (pattern.event_name,)),)
    return (*named, *pattern.criteria)


def _parts_of(criterion: Criterion) -> tuple[str, ...]:
    return criterion.key, criterion.operator.value, str(criterion.should_ignore_case), *criterion.values
