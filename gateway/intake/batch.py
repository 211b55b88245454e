"""One batch, from deliveries to receipts: translated, freed of duplicates, played through the domain, committed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.intake.definitions import InForce
from gateway.intake.translate import translate
from gateway.journey.advance import Step, Visitor, advance, with_session
from gateway.journey.contact import Contact, contact_id_of
from gateway.journey.event import Event
from gateway.journey.session import Session
from gateway.prediction.scoring import score
from gateway.storage.batch_commit import BatchTransaction, Changes, in_transaction
from gateway.storage.database import Database
from snippet.delivery import Answer, Delivery, Receipt


async def commit_batch(database: Database, deliveries: Sequence[Delivery], in_force: InForce) -> list[Answer]:
    """Commit the events of these deliveries, and return the answer to each delivery, in order.

    Raises:
        StorageError: nothing of the batch was stored.
    """
    translated = [[translate(timed, delivery) for timed in delivery.events] for delivery in deliveries]
    events = without_repeats(event for events in translated for event in events)

    async def work(transaction: BatchTransaction) -> set[str]:
        known = await transaction.known_events([event.id for event in events])
        fresh = [event for event in events if event.id not in known]
        if fresh:
            visitors = await _visitors(transaction, fresh, in_force)
            await transaction.write(play(fresh, visitors, in_force))
        return known

    duplicates = await in_transaction(database, work)
    return _answers(translated, duplicates)


def without_repeats(events: Iterable[Event]) -> list[Event]:
    """Return the events without those whose message was there before in the same batch."""
    return list({event.id: event for event in reversed(list(events))}.values())[::-1]


def play(events: Iterable[Event], visitors: Mapping[str, Visitor], in_force: InForce) -> Changes:
    """Apply the events in order of their own time, and return what has to be written."""
    played = _Played(dict(visitors))
    for event in sorted(events, key=lambda event: event.created_date):
        contact_id = contact_id_of(event.customer_id_type, event.customer_id)
        visitor, step = advance(played.visitors[contact_id], event, in_force.definitions)
        scored = score(step.session, in_force.models, event.created_date)
        played.note(contact_id, with_session(visitor, scored), replace(step, session=scored))
    return played.changes(visitors)


@dataclass(slots=True)
class _Played:
    """The state of a batch while it is played."""

    visitors: dict[str, Visitor]
    steps: list[Step]
    sessions: dict[str, Session]

    def __init__(self, visitors: dict[str, Visitor]) -> None:
        self.visitors, self.steps, self.sessions = visitors, [], {}

    def note(self, contact_id: str, visitor: Visitor, step: Step) -> None:
        self.visitors[contact_id] = visitor
        self.steps.append(step)
        self.sessions[step.session.id] = step.session

    def changes(self, before: Mapping[str, Visitor]) -> Changes:
        contacts: list[Contact] = [
            visitor.contact
            for contact_id, visitor in self.visitors.items()
            if visitor.contact is not None and visitor.contact is not before[contact_id].contact
        ]
        return Changes(self.steps, list(self.sessions.values()), contacts)


async def _visitors(transaction: BatchTransaction, events: Sequence[Event], in_force: InForce) -> dict[str, Visitor]:
    customers = {contact_id_of(event.customer_id_type, event.customer_id): event.customer_id for event in events}
    earliest = min(event.created_date for event in events)
    return await transaction.visitors(customers, earliest, in_force.definitions.session_timeout)


def _answers(translated: list[list[Event]], duplicates: set[str]) -> list[Answer]:
    seen = set(duplicates)
    answers = []
    for events in translated:
        receipts = []
        for event in events:
            receipts.append(Receipt(event.message_id, "duplicate" if event.id in seen else "accepted"))
            seen.add(event.id)
        answers.append(Answer(receipts=receipts, actions=[]))
    return answers
