from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from gateway.journey.identity import Edge, EdgeKind, Rule, undone
from gateway.storage.database import Database
from gateway.storage.documents.identity_edge import IdentityEdgeDocument, edge_from, edge_row
from gateway.storage.identity.edges import Attachment, attach, detach, touch
from gateway.storage.identity.parties import undone_links
from gateway.storage.records import in_one_transaction

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def edge(child: str, parent: str, id_: str | None = None) -> Edge:
    evidence = {"type": "Email", "value": "a@b.example"}
    return Edge(id_ or f"{child}-{parent}", EdgeKind.LINK, child, parent, Rule.IDENTIFIER, evidence, "gateway", NOON)


async def contacts(database: Database, *ids: str) -> None:
    rows = [{"_id": id_, "type": "EPHEMERAL", "sessionCount": 1, "createdDate": NOON} for id_ in ids]
    await database["contacts"].insert_many(rows)


async def ancestors(database: Database) -> dict[str, str]:
    """Return what each contact stands below, as one text."""
    return {row["_id"]: " ".join(row.get("ancestors", ())) async for row in database["contacts"].find()}


async def transact(database: Database, work: Callable[[AsyncClientSession], Awaitable[object]]) -> None:
    await in_one_transaction(database, work)


async def join(database: Database, *attachments: Attachment) -> None:
    await transact(database, lambda session: attach(database, attachments, session))


async def part(database: Database, *edges: Edge) -> None:
    parted = [undone(one, "jo", NOON) for one in edges]
    await transact(database, lambda session: detach(database, parted, session))


async def test_edges_are_made_in_order_and_take_along_what_stands_below_the_child(database: Database) -> None:
    await contacts(database, "a", "b", "c", "d", "other")
    await join(
        database,
        Attachment(edge("b", "a")),
        Attachment(edge("c", "b"), ("a",)),
        Attachment(edge("a", "d")),
    )
    assert await ancestors(database) == {"a": "d", "b": "a d", "c": "b a d", "d": "", "other": ""}
    assert await database["identityEdges"].count_documents({}) == 3


async def test_parted_edges_leave_exactly_what_was_there_before(database: Database) -> None:
    await contacts(database, "a", "b", "c", "d", "$e")
    before = await database["contacts"].find({}, {"edgesChangedDate": 0}).to_list()
    edges = [edge("b", "a"), edge("c", "b"), edge("a", "d"), edge("$e", "c")]
    await join(database, *map(Attachment, edges[:1]), Attachment(edges[1], ("a",)), Attachment(edges[2]))
    await join(database, Attachment(edges[3], ("b", "a", "d")))
    await part(database, edges[0])
    assert await ancestors(database) == {"a": "d", "b": "", "c": "b", "d": "", "$e": "c b"}
    await part(database, edges[2], edges[1], edges[3])
    assert await database["contacts"].find({}, {"edgesChangedDate": 0}).to_list() == before
    stored = [edge_from(row) async for row in database["identityEdges"].find()]
    assert sorted(stored, key=lambda one: one.id) == sorted(
        (undone(one, "jo", NOON) for one in edges), key=lambda one: one.id
    )


@pytest.mark.usefixtures("database")
async def test_an_edge_is_stored_as_declared() -> None:
    row = edge_row(undone(edge("b", "a"), "jo", NOON))
    assert IdentityEdgeDocument.model_validate(row).undone_by == "jo"
    assert edge_from(row) == undone(edge("b", "a"), "jo", NOON)
    assert edge_row(edge("b", "a")).keys().isdisjoint({"mergeId", "undoneBy", "undoneDate"})


async def test_an_undone_edge_is_told_and_can_be_made_again(database: Database) -> None:
    await contacts(database, "a", "b")
    await join(database, Attachment(edge("b", "a")))
    await part(database, edge("b", "a"))
    await transact(database, lambda session: _expect_undone(database, {"b-a"}, session))
    await join(database, Attachment(edge("b", "a")))
    await transact(database, lambda session: _expect_undone(database, set(), session))
    assert await ancestors(database) == {"a": "", "b": "a"}


async def _expect_undone(database: Database, ids: set[str], session: AsyncClientSession) -> None:
    assert await undone_links(database, ["b", "unheard"], session) == ids


@pytest.mark.parametrize(
    "second",
    [pytest.param(edge("b", "a"), id="the same again"), pytest.param(edge("b", "c"), id="a second parent")],
)
async def test_mongodb_refuses_a_second_edge_above_a_contact(second: Edge, database: Database) -> None:
    await contacts(database, "a", "b", "c")
    await join(database, Attachment(edge("b", "a")))
    with pytest.raises(BulkWriteError):
        await join(database, Attachment(second))
    assert await ancestors(database) == {"a": "", "b": "a", "c": ""}
    assert await database["identityEdges"].count_documents({}) == 1


async def test_a_touch_in_the_same_millisecond_is_a_change_as_well(database: Database) -> None:
    await contacts(database, "a", "b")
    dates = []
    for _ in range(3):
        await transact(database, lambda session: touch(database, ["a"], NOON, session))
        row = await database["contacts"].find_one({"_id": "a"})
        assert row is not None
        dates.append(row["edgesChangedDate"])
    assert len(set(dates)) == 3


async def test_no_edges_are_no_command(database: Database) -> None:
    await join(database)
    await part(database)
    assert await database["identityEdges"].count_documents({}) == 0
