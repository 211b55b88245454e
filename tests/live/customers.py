"""Visitors who say who they are, and contacts that somebody joins to one customer or parts again."""

from dataclasses import replace
from datetime import timedelta

from gateway.intake.batch import commit_batch
from gateway.journey.contact import contact_id_of
from gateway.journey.identity import Cause, Edge, EdgeKind, Rule, undone
from gateway.storage.database import Database
from gateway.storage.identity.edges import Attachment, attach, detach
from snippet.delivery import Delivery, TimedEvent
from snippet.event import WireEvent
from tests.live.conftest import KEY, Site


def contact_of(visitor: str) -> str:
    """Return the contact of a visitor's cookie."""
    return contact_id_of("cookie", visitor)


async def identifies(site: Site, visitor: str, email: str, ago: float = 0) -> None:
    """Have a visitor tell an e-mail address."""
    call = WireEvent(type="identify", messageId=str(next(site.numbers)), anonymousId=visitor, traits={"email": email})
    timed = TimedEvent(call, site.clock() - timedelta(seconds=ago))
    await commit_batch(site.database, [Delivery(KEY, (timed,), site.clock(), None, None)], site.in_force)


def edge_between(site: Site, child: str, parent: str) -> Edge:
    """Return a link of two visitors' contacts that an agent makes."""
    cause = Cause(Rule.AGENT, "Ada", site.clock())
    ends = contact_of(child), contact_of(parent)
    return Edge(f"{child}-{parent}", EdgeKind.LINK, *ends, cause.rule, {}, cause.made_by, cause.made_date)


async def join(site: Site, *pairs: tuple[str, str]) -> list[Edge]:
    """Put the contact of each first visitor below that of the second, which is a root, all in one transaction."""
    edges = [edge_between(site, *pair) for pair in pairs]
    async with site.database.client.start_session() as session, await session.start_transaction():
        await attach(site.database, [Attachment(edge) for edge in edges], session)
    return edges


async def part(site: Site, *edges: Edge) -> None:
    """Undo these links in one transaction."""
    async with site.database.client.start_session() as session, await session.start_transaction():
        await detach(site.database, [undone(edge, "Ada", site.clock()) for edge in edges], session)


async def ids_of(database: Database, *visitors: str) -> list[str]:
    """Return the ids of the visitors' events, in the order in which they happened."""
    order = {"createdDate": 1, "sequence": 1, "_id": 1}
    cursor = database["events"].find({"customerId": {"$in": visitors}}).sort(order)
    return [row["_id"] async for row in cursor]


def later(edge: Edge) -> Edge:
    """Return the same edge as it is made a second time."""
    return replace(edge, made_date=edge.made_date + timedelta(seconds=1))
