"""What would be predicted, event by event: visitors that are only in memory, moved on by the code that serves."""

from collections.abc import Sequence
from datetime import datetime

from gateway.intake.definitions import InForce
from gateway.journey.advance import Step, Visitor, advance
from gateway.journey.contact import contact_id_of
from gateway.journey.event import Event
from gateway.prediction.scene import moment_of
from gateway.prediction.scoring import Told, told_of

FORGET_EVERY = 50_000
"""Events after which visitors are forgotten whose sessions are over."""


class Rehearsal:
    """Plays events to visitors that it has met itself; nothing is read from the database, and nothing written."""

    def __init__(self, in_force: InForce) -> None:
        self._in_force = in_force
        self._visitors: dict[str, Visitor] = {}
        self._since_forgotten = 0

    def play(self, events: Sequence[Event]) -> list[tuple[Step, Told]]:
        """Apply events in this order, and return what each did, with the probabilities told right after it."""
        steps = [self._advance(event) for event in events]
        self._since_forgotten += len(steps)
        if self._since_forgotten >= FORGET_EVERY:
            self._forget(max(event.created_date for event in events))
        told = told_of([moment_of(step.session) for step in steps], self._in_force.models)
        return list(zip(steps, told, strict=True))

    def _advance(self, event: Event) -> Step:
        contact_id = contact_id_of(event.customer_id_type, event.customer_id)
        visitor = self._visitors.get(contact_id) or Visitor(contact_id)
        self._visitors[contact_id], step = advance(visitor, event, self._in_force.definitions)
        return step

    def _forget(self, at: datetime) -> None:
        """Forget sessions that are over; their contacts stay, as they tell who comes again."""
        since = at - 2 * self._in_force.definitions.session_timeout
        for contact_id, visitor in self._visitors.items():
            kept = tuple(session for session in visitor.sessions if session.last_event.created_date > since)
            if len(kept) < len(visitor.sessions):
                self._visitors[contact_id] = visitor._replace(sessions=kept)
        self._since_forgotten = 0
