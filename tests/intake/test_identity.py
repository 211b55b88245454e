"""Who a visitor is: claims link contacts as they come in, exactly, also when several processes hear of them at once."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import InForce
from gateway.journey.contact import contact_id_of
from gateway.journey.definitions import Definitions
from gateway.journey.identity_resolution import LinkPolicies, LinkPolicy
from gateway.storage.connection import connect
from gateway.storage.database import Database, Row
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from snippet.write_key import WriteKey

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = WriteKey("key-1", "wk", "Shop")
IN_FORCE = InForce(Definitions())
ROUNDS = 60


class Site:
    """A site whose visitors do one thing after the other, a minute apart."""

    def __init__(self, database: Database, in_force: InForce = IN_FORCE) -> None:
        self.database, self.in_force = database, in_force
        self.minutes = 0

    async def views(self, visitor: str) -> None:
        await self.sends(WireEvent(type="page", anonymousId=visitor))

    async def identifies(self, visitor: str, user_id: str | None = None, **traits: str) -> None:
        await self.sends(
            WireEvent(type="identify", anonymousId=visitor, userId=user_id, traits=dict[str, object](traits))
        )

    async def sends(self, wire: WireEvent) -> None:
        self.minutes += 1
        wire.messageId = f"m{self.minutes}"
        at = NOON + timedelta(minutes=self.minutes)
        delivery = Delivery(KEY, (TimedEvent(wire, at),), at, None, None)
        await commit_batch(self.database, [delivery], self.in_force)

    async def sends_as(self, visitor: str, email: str) -> None:
        """Identify with a message id that no other site uses."""
        wire = WireEvent(type="identify", messageId=visitor, anonymousId=visitor, traits={"email": email})
        delivery = Delivery(KEY, (TimedEvent(wire, NOON),), NOON, None, None)
        await commit_batch(self.database, [delivery], self.in_force)

    async def contact(self, visitor: str) -> Row:
        found = await self.database["contacts"].find_one({"_id": contact_id_of("cookie", visitor)})
        assert found is not None
        return found

    async def root_of(self, visitor: str) -> str:
        row = await self.contact(visitor)
        return str((row.get("ancestors") or [row["_id"]])[-1])

    async def edges(self) -> list[Row]:
        return await self.database["identityEdges"].find().to_list()


@pytest.fixture
def site(database: Database) -> Site:
    return Site(database)


async def test_the_desktop_and_the_tablet_of_one_customer_are_joined_by_the_email(site: Site) -> None:
    await site.views("desktop")
    await site.identifies("desktop", email="Alexis@Shop.example ")
    await site.views("tablet")
    await site.identifies("tablet", email="alexis@shop.example")
    desktop, tablet = contact_id_of("cookie", "desktop"), contact_id_of("cookie", "tablet")
    assert (await site.contact("tablet"))["ancestors"] == [desktop]
    assert await site.root_of("desktop") == desktop
    (edge,) = await site.edges()
    assert (edge["childId"], edge["parentId"], edge["rule"]) == (tablet, desktop, "IDENTIFIER")
    assert edge["evidence"] == {"type": "Email", "value": "alexis@shop.example", "source": "visitor"}


async def test_what_is_tracked_before_and_after_stays_with_the_visitor_that_it_came_from(site: Site) -> None:
    await site.identifies("desktop", email="a@b.example")
    await site.views("tablet")
    await site.identifies("tablet", email="a@b.example")
    await site.views("tablet")
    rows = await site.database["events"].find({"customerId": "tablet"}).to_list()
    assert {row["contactId"] for row in rows} == {contact_id_of("cookie", "tablet")}
    assert len(rows) == 3


async def test_a_contact_is_identified_by_its_first_claim_and_the_register_knows_it(site: Site) -> None:
    await site.views("v")
    assert (await site.contact("v"))["type"] == "EPHEMERAL"
    await site.identifies("v", phone="+1 803-123-0000")
    assert (await site.contact("v"))["type"] == "IDENTIFIED"
    (entry,) = await site.database["identifiers"].find().to_list()
    assert (entry["type"], entry["value"]) == ("Phone", "+18031230000")
    assert entry["contactId"] == contact_id_of("cookie", "v")


async def test_a_third_device_joins_the_set_and_two_sets_become_one(site: Site) -> None:
    await site.identifies("a", email="one@b.example")
    await site.identifies("b", phone="+41446681800")
    await site.identifies("c", email="one@b.example", phone="+41446681800")
    roots = {visitor: await site.root_of(visitor) for visitor in "abc"}
    assert set(roots.values()) == {contact_id_of("cookie", "a")}
    assert len(await site.edges()) == 2


async def test_a_telephone_without_a_form_links_nobody(site: Site) -> None:
    await site.identifies("a", phone="ask me")
    await site.identifies("b", phone="ask me")
    assert await site.edges() == []
    assert await site.database["identifiers"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("policy", "links"),
    [
        pytest.param(LinkPolicy.ALWAYS, 1, id="always"),
        pytest.param(LinkPolicy.VERIFIED, 0, id="once verified"),
        pytest.param(LinkPolicy.NEVER, 0, id="never"),
    ],
)
async def test_the_policy_says_whether_an_unverified_claim_links(
    database: Database, policy: LinkPolicy, links: int
) -> None:
    site = Site(database, InForce(Definitions(link_policies=LinkPolicies({"Email": policy}))))
    await site.identifies("a", email="a@b.example")
    await site.identifies("b", email="a@b.example")
    assert len(await site.edges()) == links


async def test_another_user_on_the_same_cookie_is_another_visitor_and_nobody_is_merged(site: Site) -> None:
    await site.identifies("first device", "u1")
    await site.identifies("second device", "u2")
    await site.identifies("shared", "u1")
    await site.views("shared")
    await site.identifies("shared", "u2")
    await site.views("shared")
    shared = await site.contact("shared")
    assert shared["ancestors"] == [contact_id_of("cookie", "first device")]
    other: Mapping[str, Any] | None = await site.database["contacts"].find_one({"_id": shared["successorId"]})
    assert other is not None
    assert other["ancestors"] == [contact_id_of("cookie", "second device")]
    rows = await site.database["events"].find({"customerId": "shared"}).sort("createdDate").to_list()
    assert [row["contactId"] for row in rows] == [shared["_id"]] * 2 + [other["_id"]] * 2
    assert len({row["sessionId"] for row in rows}) == 2


async def test_the_first_user_of_a_shared_device_comes_back_as_the_same_contact(site: Site) -> None:
    await site.identifies("shared", "u1")
    await site.identifies("shared", "u2")
    await site.identifies("shared", "u1")
    await site.views("shared")
    shared = await site.contact("shared")
    rows = await site.database["events"].find({"customerId": "shared"}).sort("createdDate").to_list()
    assert [row["contactId"] == shared["_id"] for row in rows] == [True, False, True, True]
    assert shared["successorId"] == shared["_id"]
    assert {row["eventCount"] async for row in site.database["sessions"].find()} == {3, 1}


async def test_an_email_again_costs_no_edge_and_no_entry(site: Site) -> None:
    for _ in range(3):
        await site.identifies("a", email="a@b.example")
    await site.identifies("b", email="a@b.example")
    await site.identifies("b", email="a@b.example")
    assert len(await site.edges()) == 1
    assert await site.database["identifiers"].count_documents({}) == 1


async def test_visitors_of_one_batch_who_claim_the_same_are_linked(database: Database) -> None:
    calls = [
        TimedEvent(WireEvent(type="identify", messageId=v, anonymousId=v, traits={"email": "a@b.example"}), NOON)
        for v in "abcde"
    ]
    await commit_batch(database, [Delivery(KEY, tuple(calls), NOON, None, None)], IN_FORCE)
    roots = [row async for row in database["contacts"].find({"ancestors": {"$exists": False}})]
    assert len(roots) == 1
    assert await database["identityEdges"].count_documents({}) == 4


async def test_two_processes_that_identify_the_same_new_email_at_once_make_one_customer(
    database: Database, mongodb_url: str
) -> None:
    async with await connect(mongodb_url, database.name) as one, await connect(mongodb_url, database.name) as other:
        for number in range(ROUNDS):
            await asyncio.gather(
                *(
                    Site(connection.database).sends_as(f"{name}{number}", f"{number}@b.example")
                    for name, connection in (("left", one), ("right", other))
                )
            )
    assert await database["identifiers"].count_documents({}) == ROUNDS
    assert await database["identityEdges"].count_documents({}) == ROUNDS
    assert await database["contacts"].count_documents({"ancestors": {"$exists": False}}) == ROUNDS
