"""Watching for definitions to be met: each event moves on the patterns that wait for it, and nothing is read again.

Segments and outcomes are watched for alike. A session keeps its own progress, a contact that of all its sessions.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.journey.anchor_index import EVENT_NAME, AnchorIndex
from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.criterion import Criterion, holds
from gateway.journey.criterion_keys import reader_of_event, reader_of_visit
from gateway.journey.event import Event
from gateway.journey.session import Session

VIOLATED = -1
"""The place of those whose pattern that must not occur has occurred."""


class Progress(NamedTuple):
    """How far a definition of this version has come: the pattern that is waited for, and how often it occurred."""

    version: int
    place: int = 0
    hits: int = 0


AllProgress = Mapping[str, Progress]
"""By the id of the definition; those that have not begun are left out."""
NO_PROGRESS: AllProgress = {}


@dataclass(frozen=True, slots=True)
class Watched:
    """A definition to watch for; another version of it begins anew."""

    id: str
    version: int
    conditions: Conditions


class Watch:
    """What is watched for together, ready to be asked about each event."""

    def __init__(self, watched: Iterable[Watched] = ()) -> None:
        self._all = [_Compiled(one) for one in watched]
        self._ids = {one.id for one in self._all}
        self._with_nevers = [one for one in self._all if one.nevers]
        self._patterns: AnchorIndex[Event, tuple[int, int]] = AnchorIndex(
            ((criteria, (number, place)) for number, one in enumerate(self._all) for place, criteria in one.anchors),
            reader_of_event,
        )
        self._contexts: AnchorIndex[Session, int] = AnchorIndex(
            ((one.about_visit, number) for number, one in enumerate(self._all) if one.about_visit), reader_of_visit
        )

    def may_concern(self, event: Event) -> bool:
        """Tell whether the event may move any progress; if not, only news of the visit can have anything met."""
        return bool(self._patterns.candidates(event))

    def moved(
        self, before: AllProgress, event: Event, session: Session, met: Collection[str], *, visit_is_news: bool
    ) -> tuple[AllProgress, tuple[str, ...]]:
        """Return the progress after an event, and the ids of what is met by it, in the order of the definitions.

        `session` is as the event left it; `visit_is_news` if what is known of the visit is new since the last event.
        What was `met` before is no longer waited for. The very same progress comes back when nothing has moved.
        """
        changed = self._changed(before, event, met)
        after = {id_: kept for id_, kept in before.items() if id_ in self._ids} if changed else before
        after = {**after, **{self._all[number].id: progress for number, progress in changed.items()}}
        possible = {*changed, *self._contexts.candidates(session)} if visit_is_news else changed.keys()
        now = [self._all[number] for number in sorted(possible)]
        ids = tuple(
            one.id
            for one in now
            if not one.nevers and one.id not in met and one.is_complete(after) and one.fits_visit(session)
        )
        if not changed and not ids:
            return before, ids
        return {id_: kept for id_, kept in after.items() if id_ not in ids}, ids

    def met_at_the_end(self, progress: AllProgress, session: Session, met: Collection[str]) -> tuple[str, ...]:
        """Return the ids of what is met now that the session is over: what asks for something not to have occurred."""
        return tuple(one.id for one in self._awaiting_end(progress, met) if one.fits_visit(session))

    def awaits_end(self, progress: AllProgress, met: Collection[str]) -> bool:
        """Tell whether something may be met once the session is over."""
        return bool(self._awaiting_end(progress, met))

    def _awaiting_end(self, progress: AllProgress, met: Collection[str]) -> list["_Compiled"]:
        return [one for one in self._with_nevers if one.id not in met and one.is_complete(progress)]

    def _changed(self, before: AllProgress, event: Event, met: Collection[str]) -> dict[int, Progress]:
        """Return the progress of what the event moves, by number; what is violated stays so."""
        changed: dict[int, Progress] = {}
        for number, place in self._patterns.candidates(event):
            one = self._all[number]
            known = one.progress_in(before)
            is_waited_for = known.place != VIOLATED and place in (known.place, VIOLATED)
            is_settled = number in changed and changed[number].place == VIOLATED
            if is_waited_for and not is_settled and one.id not in met and one.fits(place, event):
                changed[number] = one.step(known, place)
        return changed


class _Compiled:
    """A definition with its criteria made into functions. Patterns that must not occur have the place VIOLATED."""

    def __init__(self, watched: Watched) -> None:
        self.id = watched.id
        self.sequence = watched.conditions.sequence
        self.nevers = watched.conditions.nevers
        self.about_visit = watched.conditions.about_visit
        self.version = watched.version
        self.beginning = Progress(watched.version)
        patterns = [*enumerate(self.sequence), *((VIOLATED, never) for never in self.nevers)]
        #: The criteria of each pattern, with its place.
        self.anchors = [(place, _criteria_of(pattern)) for place, pattern in patterns]
        self._fits: dict[int, list[Callable[[Event], bool]]] = {}  # by place
        for place, criteria in self.anchors:
            self._fits.setdefault(place, []).append(_all_hold(criteria, reader_of_event))
        self.fits_visit: Callable[[Session], bool] = _all_hold(self.about_visit, reader_of_visit)

    def progress_in(self, progress: AllProgress) -> Progress:
        """Return how far this version of the definition has come."""
        known = progress.get(self.id)
        return known if known is not None and known.version == self.version else self.beginning

    def is_complete(self, progress: AllProgress) -> bool:
        """Tell whether everything that must occur has occurred, and nothing that must not."""
        return self.progress_in(progress).place == len(self.sequence)

    def fits(self, place: int, event: Event) -> bool:
        """Tell whether an event fits the pattern of this place, or one of those that must not occur."""
        return any(fits(event) for fits in self._fits[place])

    def step(self, known: Progress, place: int) -> Progress:
        """Return the progress after an event that fits the pattern of this place."""
        if place == VIOLATED:
            return Progress(self.version, VIOLATED)
        hits = known.hits + 1
        if hits < self.sequence[place].count:
            return Progress(self.version, place, hits)
        return Progress(self.version, place + 1)


def _criteria_of(pattern: Pattern) -> Sequence[Criterion]:
    named = () if pattern.event_name is None else (Criterion(EVENT_NAME, (pattern.event_name,)),)
    return (*named, *pattern.criteria)


def _all_hold(criteria: Sequence[Criterion], reader_of: Callable[[str], Callable[..., object]]) -> Callable[..., bool]:
    asked = [(reader_of(criterion.key), holds(criterion)) for criterion in criteria]

    def all_hold(subject: object) -> bool:
        return all(answer(read(subject)) for read, answer in asked)

    return all_hold
