"""One batch, from deliveries to receipts: translated, freed of duplicates, played through the domain, committed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gateway.intake.crowd import Crowd, load_crowd
from gateway.intake.definitions import InForce
from gateway.intake.set_aside import set_aside
from gateway.intake.translate import translate
from gateway.journey.advance import Step, Visitor, advance
from gateway.journey.contact import Contact, contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.journey.session import Session, with_predictions
from gateway.prediction.scene import moment_of
from gateway.storage.batch_changes import Changes, ContactChange
from gateway.storage.batch_commit import BatchTransaction, in_transaction
from gateway.storage.database import Database
from gateway.storage.documents.prediction import NO_PREDICTIONS, StoredPredictions
from gateway.storage.errors import DocumentRefused, StorageError
from gateway.storage.identity.edges import Attachment
from gateway.storage.identity.register import Registration
from gateway.storage.known_sessions import KnownSessions
from snippet.delivery import Answer, Delivery, Receipt


async def commit_batch(
    database: Database, deliveries: Sequence[Delivery], in_force: InForce, known: KnownSessions | None = None
) -> list[Answer]:
    """Commit the events of these deliveries, and return the answer to each delivery, in order.

    An event that cannot be applied is set aside with its reason, and the others are committed without it. Sessions that
    are `known` and have not changed are not read.

    Raises:
        StorageError: MongoDB cannot take the batch now.
    """
    try:
        return await _commit(database, deliveries, in_force, known)
    except DocumentRefused as error:
        cause: Exception = error
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one event makes the code raise must not stop the others
        cause = error
    # outside of the handler, so that what a part raises is not told as the consequence of what the whole has raised
    return await _commit_apart(database, deliveries, in_force, cause, known)


async def _commit(
    database: Database, deliveries: Sequence[Delivery], in_force: InForce, known: KnownSessions | None
) -> list[Answer]:
    translated = [[translate(timed, delivery) for timed in delivery.events] for delivery in deliveries]
    events = without_repeats(event for events in translated for event in events)

    async def work(transaction: BatchTransaction) -> set[str]:
        stored = await transaction.known_events([event.id for event in events]) if transaction.has_repeats else set()
        fresh = [event for event in events if event.id not in stored]
        if fresh:
            crowd = await load_crowd(transaction, fresh, in_force.definitions)
            await _write(transaction, play(fresh, crowd, in_force.definitions), in_force)
        return stored

    duplicates = await in_transaction(database, work, known)
    return _answers(translated, duplicates)


async def _commit_apart(
    database: Database,
    deliveries: Sequence[Delivery],
    in_force: InForce,
    error: Exception,
    known: KnownSessions | None,
) -> list[Answer]:
    """Commit the halves of a batch that failed, down to the event that is to blame."""
    if len(deliveries) > 1:
        middle = len(deliveries) // 2
        first = await commit_batch(database, deliveries[:middle], in_force, known)
        return first + await commit_batch(database, deliveries[middle:], in_force, known)
    (delivery,) = deliveries
    if len(delivery.events) > 1:
        middle = len(delivery.events) // 2
        halves = [delivery._replace(events=part) for part in (delivery.events[:middle], delivery.events[middle:])]
        answers = [answer for half in halves for answer in await commit_batch(database, [half], in_force, known)]
        return [Answer(receipts=[r for answer in answers for r in answer.receipts], actions=[])]
    return [await set_aside(database, delivery, error)]


def without_repeats(events: Iterable[Event]) -> list[Event]:
    """Return the events without those whose message was there before in the same batch."""
    return list({event.id: event for event in reversed(list(events))}.values())[::-1]


def play(events: Iterable[Event], crowd: Crowd, definitions: Definitions) -> Changes:
    """Apply the events in order of their own time, and return what has to be written, but for what models say of it."""
    now = dict(crowd.visitors)
    steps: list[Step] = []
    claims: list[Registration] = []
    for event in sorted(events, key=lambda event: event.created_date):
        contact_id = contact_id_of(event.customer_id_type, event.customer_id)
        visitor, step = advance(now[contact_id], event, definitions)
        if step.claims:
            claims += _recognise(visitor.contacts[step.session.visitor_contact_id], step, crowd, definitions)
        now[contact_id] = visitor
        steps.append(step)
    before = {session.id: session for visitor in crowd.visitors.values() for session in visitor.sessions}
    sessions = {step.session.id: step.session for step in steps}
    edges = [Attachment(edge, ancestors) for edge, ancestors in crowd.directory.attached]
    contacts = _changed_contacts(crowd, now)
    merge_sets = crowd.directory.merge_sets({change.after.id: change.after for change in contacts})
    return Changes(steps, list(sessions.values()), before, contacts, claims, edges, merge_sets)


async def _write(transaction: BatchTransaction, changes: Changes, in_force: InForce) -> None:
    """Write what the batch leaves behind; if models are to be asked, MongoDB takes the contacts meanwhile."""
    if not in_force.is_predicting:
        await transaction.write(changes)
        return
    predicted, _ = await asyncio.gather(_predicted(changes, in_force), transaction.write_contacts(changes))
    await transaction.write_visits(predicted)


async def _predicted(changes: Changes, in_force: InForce) -> Changes:
    """Return the changes with what models say right after each event."""
    moments = [moment_of(step.session) for step in changes.steps]
    before = {
        id_: StoredPredictions(session.predicted_by, session.predictions)
        for id_, session in changes.sessions_before.items()
        if session.predictions
    }
    told, predictions = await in_force.scored(moments, before)
    sessions = [_with(one, predictions.get(one.id, NO_PREDICTIONS)) for one in changes.sessions]
    return replace(changes, told=told, sessions=sessions)


def _with(session: Session, told: StoredPredictions) -> Session:
    """Return the session with these predictions; by which models stays the very same, as it hardly ever changes."""
    if not told.sheet:
        return session
    by = session.predicted_by if told.by == session.predicted_by else told.by
    return with_predictions(session, by, told.sheet)


def _recognise(contact: Contact, step: Step, crowd: Crowd, definitions: Definitions) -> list[Registration]:
    """Link the contact to whoever holds what it claims, and return the claims as the register takes them."""
    crowd.directory.recognise(contact, step.claims, definitions.link_policies, step.event.received_date)
    return [Registration(*claim.key, contact.id, contact.created_date) for claim in step.claims]


def _changed_contacts(crowd: Crowd, after: Mapping[str, Visitor]) -> list[ContactChange]:
    changes: list[ContactChange] = []
    for contact_id, visitor in after.items():
        known = crowd.visitors[contact_id].contacts
        if visitor.contacts is known:
            continue
        for contact in visitor.contacts.values():
            before = known.get(contact.id)
            if contact is not before:
                changes.append(ContactChange(before, contact))
    return changes


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
