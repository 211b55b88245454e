"""One batch, from deliveries to receipts: translated, freed of duplicates, played through the domain, committed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gateway.intake.definitions import InForce
from gateway.intake.set_aside import set_aside
from gateway.intake.translate import translate
from gateway.journey.advance import Step, Visitor, advance, needs_contact, with_session
from gateway.journey.contact import Contact, contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.journey.session import Session
from gateway.prediction.scoring import score
from gateway.storage.batch_commit import BatchTransaction, Changes, in_transaction
from gateway.storage.database import Database
from gateway.storage.errors import DocumentRefused, StorageError
from snippet.delivery import Answer, Delivery, Receipt


async def commit_batch(database: Database, deliveries: Sequence[Delivery], in_force: InForce) -> list[Answer]:
    """Commit the events of these deliveries, and return the answer to each delivery, in order.

    An event that cannot be applied is set aside with its reason, and the others are committed without it.

    Raises:
        StorageError: MongoDB cannot take the batch now.
    """
    try:
        return await _commit(database, deliveries, in_force)
    except DocumentRefused as error:
        cause: Exception = error
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one event makes the code raise must not stop the others
        cause = error
    # outside of the handler, so that what a part raises is not told as the consequence of what the whole has raised
    return await _commit_apart(database, deliveries, in_force, cause)


async def _commit(database: Database, deliveries: Sequence[Delivery], in_force: InForce) -> list[Answer]:
    translated = [[translate(timed, delivery) for timed in delivery.events] for delivery in deliveries]
    events = without_repeats(event for events in translated for event in events)

    async def work(transaction: BatchTransaction) -> set[str]:
        known = await transaction.known_events([event.id for event in events]) if transaction.has_repeats else set()
        fresh = [event for event in events if event.id not in known]
        if fresh:
            visitors = await load_visitors(transaction, fresh, in_force.definitions)
            await transaction.write(play(fresh, visitors, in_force))
        return known

    duplicates = await in_transaction(database, work)
    return _answers(translated, duplicates)


async def _commit_apart(
    database: Database, deliveries: Sequence[Delivery], in_force: InForce, error: Exception
) -> list[Answer]:
    """Commit the halves of a batch that failed, down to the event that is to blame."""
    if len(deliveries) > 1:
        middle = len(deliveries) // 2
        first = await commit_batch(database, deliveries[:middle], in_force)
        return first + await commit_batch(database, deliveries[middle:], in_force)
    (delivery,) = deliveries
    if len(delivery.events) > 1:
        middle = len(delivery.events) // 2
        halves = [replace(delivery, events=part) for part in (delivery.events[:middle], delivery.events[middle:])]
        answers = [answer for half in halves for answer in await commit_batch(database, [half], in_force)]
        return [Answer(receipts=[r for answer in answers for r in answer.receipts], actions=[])]
    return [await set_aside(database, delivery, error)]


def without_repeats(events: Iterable[Event]) -> list[Event]:
    """Return the events without those whose message was there before in the same batch."""
    return list({event.id: event for event in reversed(list(events))}.values())[::-1]


async def load_visitors(
    transaction: BatchTransaction, events: Sequence[Event], definitions: Definitions
) -> dict[str, Visitor]:
    """Return the visitors of these events by contact id, as far as they must be known to apply the events."""
    by_visitor: dict[str, list[Event]] = {}
    for event in events:
        by_visitor.setdefault(contact_id_of(event.customer_id_type, event.customer_id), []).append(event)
    earliest = min(event.created_date for event in events)
    customer_ids = {event.customer_id for event in events}
    sessions = await transaction.sessions(list(customer_ids), earliest - definitions.session_timeout)
    known = {contact_id: tuple(sessions.get(contact_id, ())) for contact_id in by_visitor}
    needed = [id_ for id_, those in by_visitor.items() if needs_contact(known[id_], those, definitions)]
    contacts = await transaction.contacts(needed) if needed else {}
    return {id_: Visitor(id_, contacts.get(id_), known[id_]) for id_ in by_visitor}


def play(events: Iterable[Event], visitors: Mapping[str, Visitor], in_force: InForce) -> Changes:
    """Apply the events in order of their own time, and return what has to be written."""
    now = dict(visitors)
    steps: list[Step] = []
    sessions: dict[str, Session] = {}
    for event in sorted(events, key=lambda event: event.created_date):
        contact_id = contact_id_of(event.customer_id_type, event.customer_id)
        visitor, step = advance(now[contact_id], event, in_force.definitions)
        if in_force.models:
            session = score(step.session, in_force.models, step.session.last_event.created_date)
            visitor, step = with_session(visitor, session, visitor.contact), replace(step, session=session)
        now[contact_id] = visitor
        sessions[step.session.id] = step.session
        steps.append(step)
    before = {session.id: session for visitor in visitors.values() for session in visitor.sessions}
    return Changes(steps, list(sessions.values()), before, _changed_contacts(visitors, now))


def _changed_contacts(before: Mapping[str, Visitor], after: Mapping[str, Visitor]) -> list[Contact]:
    return [
        visitor.contact
        for contact_id, visitor in after.items()
        if visitor.contact is not None and visitor.contact is not before[contact_id].contact
    ]


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
