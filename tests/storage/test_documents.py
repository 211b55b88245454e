"""What the raw writes of intake store is what the documents declare, and comes back as it went in."""

from datetime import UTC, datetime

import pytest
from beanie import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.access.first_keys import ensure_first_keys
from gateway.journey.address import ADDRESS_LIMITS
from gateway.journey.advance import Step
from gateway.journey.contact import CONTACT_FIELDS, Contact, ContactType, HeldIdentifier
from gateway.journey.event import Event, Visit
from gateway.journey.outcome import Outcome, OutcomeAchievement, Prediction, Reason
from gateway.journey.segment import SegmentAssignment
from gateway.journey.session import LastEvent, Session
from gateway.journey.watch import Progress
from gateway.prediction.training import train
from gateway.storage.connection import Connection
from gateway.storage.database import Database
from gateway.storage.definitions import OUTCOMES, add_definition
from gateway.storage.documents import DOCUMENTS
from gateway.storage.documents.contact import ContactDocument, contact_from, contact_row
from gateway.storage.documents.event import EventDocument, event_row
from gateway.storage.documents.outcome import OutcomeDocument, outcome_from
from gateway.storage.documents.prediction import packed_predictions
from gateway.storage.documents.session import SessionDocument, session_changes, session_from, session_row
from gateway.storage.preparation import prepare
from gateway.storage.rows import all_rows

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=10)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - the zone is given beside
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
shares = st.floats(0, 1)
counts = st.integers(0, 10**6)
parts = st.none() | st.dictionaries(texts, texts | st.integers(-(2**31), 2**31) | st.booleans(), min_size=1, max_size=3)
visits = st.builds(
    Visit,
    **dict.fromkeys(
        (
            "browser",
            "device",
            "geolocation",
            "referrer",
            "mkt_campaign",
            "app",
            "sdk_library",
            "network_connectivity",
        ),
        parts,
    ),
    ip_address=st.none() | texts,
    user_agent_string=st.none() | texts,
)
reasons = st.lists(st.builds(Reason, texts, st.floats(-5, 5)), max_size=3).map(tuple)
predictions = st.builds(
    Prediction, texts, shares, shares, st.none() | shares, st.none() | shares, moments, st.none() | texts, reasons
)
sessions = st.builds(
    Session,
    id=texts,
    contact_id=texts,
    customer_id=texts,
    customer_id_type=st.sampled_from(["cookie", "externalId"]),
    created_date=moments,
    last_event=st.builds(LastEvent, texts, texts, moments),
    type=st.just("web"),
    previous_event_date=st.none() | moments,
    event_count=counts,
    pageview_count=counts,
    screenview_count=counts,
    search_terms=st.lists(texts, max_size=3).map(tuple),
    last_page=parts,
    visit=visits,
    authenticated=st.booleans(),
    predicted_by=st.lists(predictions, max_size=2).map(lambda some: packed_predictions(some).by),
    predictions=st.lists(predictions, max_size=2).map(lambda some: packed_predictions(some).sheet),
    outcome_achievements=st.lists(st.builds(OutcomeAchievement, texts, moments, texts, counts), max_size=2).map(tuple),
    feature_state=st.none(),  # see test_feature_state_rows
    former_contact_id=st.none(),
    division_id=st.none() | st.just("south"),
    segment_assignments=st.lists(
        st.builds(SegmentAssignment, texts, moments, st.none() | st.just("e"), st.none() | moments, st.none()),
        max_size=2,
    ).map(tuple),
    progress=st.dictionaries(st.sampled_from(["d-1", "d-2"]), st.builds(Progress, counts, counts, counts)),
    awaits_end=st.booleans(),
    checked_for=counts,
)
identifiers = st.builds(HeldIdentifier, texts, texts, st.booleans(), st.booleans(), texts, moments, moments)
fields_of_contacts = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(CONTACT_FIELDS, texts),
        "address": st.dictionaries(st.sampled_from(sorted(ADDRESS_LIMITS)), texts, min_size=1),
        "surveyOptOut": st.booleans(),
        "customFields": st.dictionaries(texts.map("c{}".format), texts | counts, min_size=1, max_size=3),
    },
)
contacts = st.builds(
    Contact,
    id=texts,
    created_date=moments,
    modified_date=moments,
    expires_date=st.none() | moments,
    type=st.sampled_from(ContactType),
    identifiers=st.lists(identifiers, max_size=3).map(tuple),
    fields=fields_of_contacts,
    session_count=counts,
    successor_id=st.none() | texts,
    division_ids=st.lists(texts, max_size=3).map(tuple),
)
events = st.builds(
    Event,
    id=texts,
    message_id=texts,
    customer_id=texts,
    customer_id_type=st.sampled_from(["cookie", "externalId"]),
    event_name=texts,
    created_date=moments,
    received_date=moments,
    page=parts,
    referrer_url=st.none() | texts,
    search_query=st.none() | texts,
    attributes=parts.map(lambda told: told or {}),
    traits=parts.map(lambda told: told or {}),
    division_id=st.none() | texts,
)
UNCHANGING = ("id", "contact_id", "customer_id", "customer_id_type", "type", "former_contact_id", "division_id")
"""What of a session is as it was when it was opened."""
with_a_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)


@with_a_database
@given(session=sessions)
async def test_a_session_is_stored_as_declared_and_comes_back_the_same(session: Session, database: Database) -> None:
    row = session_row(session)
    document = SessionDocument.model_validate(row)
    assert (document.id, document.last_event.id) == (session.id, session.last_event.id)
    assert session_from(row) == session
    await database["sessions"].replace_one({"_id": session.id}, row, upsert=True)
    stored = await database["sessions"].find_one({"_id": session.id})
    assert stored is not None
    assert session_from(stored) == session


@with_a_database
@given(contact=contacts)
async def test_a_contact_is_stored_as_declared_and_comes_back_the_same(contact: Contact, database: Database) -> None:
    row = contact_row(contact)
    assert ContactDocument.model_validate(row).id == contact.id
    await database["contacts"].replace_one({"_id": contact.id}, row, upsert=True)
    stored = await database["contacts"].find_one({"_id": contact.id})
    assert stored is not None
    assert contact_from(stored) == contact


def test_a_contact_is_written_without_its_place_in_the_forest_and_without_what_it_is_found_by() -> None:
    row = contact_row(Contact("c", NOON, NOON, None, ancestors=("p", "r")))
    assert {"ancestors", "edgesChangedDate", "searchKeys", "searchWords", "searchPlace"}.isdisjoint(row)
    assert contact_from({**row, "ancestors": ["p", "r"]}).ancestors == ("p", "r")


@with_a_database
@given(event=events, session=sessions)
async def test_an_event_is_stored_as_declared(event: Event, session: Session, database: Database) -> None:
    row = event_row(Step(event, session, opened_session=False))
    document = EventDocument.model_validate(row)
    assert (document.id, document.session_id, document.contact_id) == (event.id, session.id, session.contact_id)
    assert (document.created_date, document.sequence) == (event.created_date, session.event_count)
    await database["events"].replace_one({"_id": event.id}, row, upsert=True)
    assert EventDocument.model_validate(await database["events"].find_one({"_id": event.id})) == document


@pytest.mark.parametrize("field", [name for name in Session._fields if name not in UNCHANGING])
@settings(max_examples=10)
@given(before=sessions, other=sessions)
def test_the_changes_of_a_session_bring_the_stored_one_up_to_date(field: str, before: Session, other: Session) -> None:
    after = before._replace(**{field: getattr(other, field)})
    emptied = session_row(before).keys() - session_row(after).keys()  # which no event does, or to nothing that counts
    row = {**session_row(before), **session_changes(before, after)}
    assert {name: value for name, value in row.items() if name not in emptied} == session_row(after)


def test_what_is_empty_takes_no_place() -> None:
    session = Session("s", "c", "v", "cookie", NOON, LastEvent("e", "page_viewed", NOON))
    assert {"searchTerms", "lastPage", "browser", "predictions", "previousEventDate"}.isdisjoint(session_row(session))
    assert {"eventCount", "authenticated"} <= session_row(session).keys()


async def test_keys_outcomes_and_models_are_stored_as_declared(database: Database) -> None:
    await ensure_first_keys(database, None, None, lambda: "drawn", NOON)
    outcome = {
        "_id": "o",
        "displayName": "Order",
        "eventName": "order_completed",
        "isActive": True,
        "isPositive": True,
        "version": 1,
        "createdDate": NOON,
        "modifiedDate": NOON,
    }
    await add_definition(database, OUTCOMES, outcome)
    assert outcome_from(outcome) == Outcome("o", "Order", "order_completed")
    await train(database, outcome_from(outcome), NOON, NOON - NOON)
    for kind in DOCUMENTS:
        for row in await all_rows(database, kind.get_collection_name()):
            assert kind.model_validate(row).id == row["_id"]
    assert OutcomeDocument.model_validate(outcome).display_name == "Order"


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_every_collection_has_its_indexes(kind: type[Document], database: Database) -> None:
    declared = {index.document["name"] for index in getattr(kind.Settings, "indexes", ())}
    assert set(await database[kind.get_collection_name()].index_information()) == {"_id_"} | declared


async def test_preparing_again_changes_nothing(connection: Connection) -> None:
    await prepare(connection)
    before = {name: await connection.database[name].index_information() for name in ("events", "sessions", "contacts")}
    await prepare(connection)
    assert before == {name: await connection.database[name].index_information() for name in before}
    assert len(await connection.database.list_collection_names()) == len(DOCUMENTS)
