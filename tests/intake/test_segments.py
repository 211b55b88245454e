"""Segments as intake assigns them: with the event, when the session is over, and to the customer over all sessions."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.intake.session_ends import end_sessions
from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.contact import contact_id_of
from gateway.journey.criterion import Criterion, Operator
from gateway.journey.definitions import definitions_of
from gateway.journey.external_segments import Held, assigned_by_hand
from gateway.journey.segment import Segment, SegmentAssignment, SegmentScope
from gateway.storage.audit_log import AuditAction
from gateway.storage.database import Database, Row
from gateway.storage.identity.segment_assigning import Assigning, change_segments_of_contact
from gateway.storage.sight import EVERYTHING
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
CART = Pattern((Criterion("page.url", ("/cart",), Operator.CONTAINS_ANY),), event_name="page_viewed")
FROM_NEWS = ((Criterion("mktCampaign.source", ("news",)),),)
SEGMENTS = [
    Segment("news", "From the newsletter to the cart", 1, Conditions(FROM_NEWS, (CART,))),
    Segment("left", "Left the cart", 1, Conditions(journey=(CART, Pattern(count=NEVER, event_name="order_completed")))),
    Segment("twice", "Twice in the cart", 1, Conditions(journey=(CART, CART)), SegmentScope.CUSTOMER),
]
IN_FORCE = InForce(definitions_of([], SEGMENTS, number=1))


async def happens(database: Database, minute: float, kind: str = "page", url: str = "/", event: str = "") -> None:
    at = NOON + timedelta(minutes=minute)
    context: dict[str, object] = {"page": {"url": f"https://shop.example{url}"}}
    wire = WireEvent(type=kind, messageId=f"m{minute}", anonymousId="v", event=event or None, context=context)
    await commit_batch(database, [Delivery(KEY, (TimedEvent(wire, at),), at, None, None)], IN_FORCE)


def segments_of(row: Row) -> list[str]:
    return [one["segmentId"] for one in row.get("segmentAssignments", ())]


async def sessions(database: Database) -> list[Row]:
    return await database["sessions"].find().sort("createdDate").to_list()


async def test_a_segment_is_assigned_with_the_event_that_leads_into_it(database: Database) -> None:
    await happens(database, 0, url="/?utm_source=news")
    await happens(database, 1, url="/cart")
    (session,) = await sessions(database)
    assert segments_of(session) == ["news"]
    events = await database["events"].find().sort("createdDate").to_list()
    assert [event.get("segmentAssignments") for event in events] == [None, ["news"]]


@pytest.mark.parametrize(
    ("order", "expected"), [pytest.param(False, ["left"], id="left"), pytest.param(True, [], id="bought")]
)
async def test_what_never_occurred_is_told_once_the_session_is_over(
    order: bool, expected: Iterable[str], database: Database
) -> None:
    await happens(database, 0, url="/cart")
    if order:
        await happens(database, 1, "track", event="Order Completed")
    assert await end_sessions(database, IN_FORCE, NOON + timedelta(minutes=20)) == 0
    assert await end_sessions(database, IN_FORCE, NOON + timedelta(minutes=30)) == len(list(expected))
    (session,) = await sessions(database)
    assert segments_of(session) == expected
    assert not session.get("awaitsEnd")


async def test_a_segment_of_customers_counts_over_sessions(database: Database) -> None:
    await happens(database, 0, url="/cart")
    await happens(database, 1)
    await happens(database, 60)
    await happens(database, 61, url="/cart")
    contact = await database["contacts"].find_one({"_id": contact_id_of("cookie", "v")})
    assert contact is not None
    assert segments_of(contact) == ["twice"]
    assert [segments_of(session) for session in await sessions(database)] == [[], []]


async def test_what_another_system_has_assigned_stays_beside_what_visits_lead_to(database: Database) -> None:
    await happens(database, 0, url="/cart")
    told = [SegmentAssignment("loyal", NOON, expires_date=NOON + timedelta(days=1))]
    contact_id = contact_id_of("cookie", "v")

    def change(held: Held) -> Held:
        return assigned_by_hand(held, contact_id, told, lambda _: True)

    wanted = Assigning(AuditAction.ASSIGNED, ["loyal"], change, "CRM", NOON, EVERYTHING)
    await change_segments_of_contact(database, contact_id, wanted)
    await happens(database, 1, url="/cart")
    (contact,) = await database["contacts"].find().to_list()
    assert segments_of(contact) == ["loyal", "twice"]
    assert contact["segmentAssignments"][0] == {
        "segmentId": "loyal",
        "assignedDate": NOON,
        "expiresDate": NOON + timedelta(days=1),
    }
