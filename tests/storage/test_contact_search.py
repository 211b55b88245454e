"""Search over contacts: who is found, by what, and in which order."""

from collections.abc import Mapping
from datetime import UTC, timedelta

import pytest
from pymongo import AsyncMongoClient

from gateway.journey.contact import contact_id_of
from gateway.storage.connection import Connection
from gateway.storage.contact_search import ContactSearch, contacts_found, order_of
from gateway.storage.contact_search_keys import SEARCH_FIELDS, refresh_search_keys
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import SEARCH_INDEXES
from gateway.storage.keyset import NEWEST_FIRST
from tests.storage.explained import Commands
from tests.storage.searched_contacts import ALL, NOON, contact, found, session, stored


@pytest.fixture
async def database(connection: Connection) -> Database:
    """A database with the indexes of the search."""
    await connection.database["contacts"].create_indexes(SEARCH_INDEXES)
    return connection.database


@pytest.fixture
async def kings(database: Database) -> Database:
    """Four contacts named King: created one a minute, one of each kind, the curated one second."""
    await stored(
        database,
        [
            contact("ann", 1, firstName="Ann", lastName="King", email="ann@a.example", phone="+41791234567"),
            contact("bob", 2, "CURATED", firstName="Bob", lastName="King", email="bob@b.example"),
            contact("cleo", 3, firstName="Cléo", lastName="King", address={"city": "Graz"}),
            contact(contact_id_of("cookie", "eve"), 4, "EPHEMERAL", lastName="King"),
        ],
    )
    return database


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("king", ["bob", "cleo", "ann"], id="curated first, then the newest"),
        pytest.param("cleo", ["cleo"], id="name"),
        pytest.param("a k", ["ann"], id="letters"),
        pytest.param("ANN@A.EXAMPLE", ["ann"], id="e-mail"),
        pytest.param("079 123 45 6", ["ann"], id="telephone"),
        pytest.param("king graz", ["cleo"], id="free text"),
        pytest.param("", ["bob", "cleo", "ann"], id="everyone"),
        pytest.param("king nobody", [], id="a word that nobody has"),
        pytest.param("@", [], id="no word"),
        pytest.param("eve", [], id="a visitor whom nobody knows"),
        pytest.param('{"$gt": ""}', [], id="an operator of MongoDB"),
        pytest.param("(.*", [], id="a regular expression"),
    ],
)
async def test_who_is_found(text: str, ids: list[str], kings: Database) -> None:
    assert await found(kings, text) == ids


async def test_what_is_found_comes_without_what_it_was_found_by(kings: Database) -> None:
    (row,) = (await contacts_found(kings, ContactSearch("cleo"), ALL)).rows
    assert set(SEARCH_FIELDS) & set(row) == {"searchPlace"}


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        pytest.param({"kinds": ("IDENTIFIED",)}, ["cleo", "ann"], id="kind"),
        pytest.param({"kinds": ("CANONICAL", "CURATED")}, ["bob"], id="kinds"),
        pytest.param({"kinds": ()}, [], id="no kind"),
        pytest.param({"types": ("CURATED",)}, ["bob"], id="type"),
        pytest.param({"created_after": NOON + timedelta(minutes=2)}, ["bob", "cleo"], id="created then or later"),
        pytest.param({"created_before": NOON + timedelta(minutes=2)}, ["ann"], id="created before then"),
    ],
)
async def test_filters_narrow_a_search(wanted: Mapping[str, object], ids: list[str], kings: Database) -> None:
    assert await found(kings, "king", ALL, **wanted) == ids
    assert await found(kings, "", ALL, **wanted) == ids


async def test_a_visitor_nobody_knows_is_found_by_the_cookie_when_asked_for(kings: Database) -> None:
    eve = contact_id_of("cookie", "eve")
    assert await found(kings, " eve ", kinds=("EPHEMERAL",)) == [eve]
    assert await found(kings, "king", kinds=("EPHEMERAL",)) == []
    assert await found(kings, kinds=("EPHEMERAL",)) == [eve]
    assert await found(kings, "eve", kinds=("EPHEMERAL",), created_before=NOON) == []
    row = await kings["contacts"].find_one({"_id": eve})
    assert row is not None
    assert not set(SEARCH_FIELDS) & row.keys()
    assert order_of(ContactSearch(kinds=("EPHEMERAL",))) == NEWEST_FIRST


async def test_an_alias_leads_to_its_root_once_and_is_found_by_itself_when_set_free(kings: Database) -> None:
    await kings["contacts"].update_one({"_id": "ann"}, {"$set": {"ancestors": ["cleo"]}})
    await refresh_search_keys(kings, ["cleo"])
    for text in ("ann", "cleo", "king graz ann", "ann@a.example", "+41791234567"):
        assert await found(kings, text) == ["cleo"], text
    assert await found(kings, "king") == ["bob", "cleo"]
    await kings["contacts"].update_one({"_id": "ann"}, {"$unset": {"ancestors": ""}})
    await refresh_search_keys(kings, ["cleo", "ann"])
    assert await found(kings, "ann") == ["ann"]
    assert await found(kings, "king") == ["bob", "cleo", "ann"]


async def test_the_head_of_a_merge_in_force_comes_first(kings: Database) -> None:
    await kings["contacts"].update_one({"_id": "ann"}, {"$set": {"ancestors": ["cleo"]}})
    edge = {"_id": "edge", "kind": "MERGE", "childId": "ann", "parentId": "cleo"}
    await kings["identityEdges"].insert_one(edge)
    await refresh_search_keys(kings, ["cleo"])
    assert await found(kings, "king") == ["cleo", "bob"]
    assert await found(kings, "king", kinds=("CANONICAL",)) == ["cleo"]
    await kings["identityEdges"].update_one({"_id": "edge"}, {"$set": {"undoneDate": NOON}})
    await refresh_search_keys(kings, ["cleo"])
    assert await found(kings, "king") == ["bob", "cleo"]


async def test_last_seen_is_that_of_everything_merged_into_it(kings: Database) -> None:
    await kings["contacts"].update_one({"_id": "ann"}, {"$set": {"ancestors": ["cleo"]}})
    await kings["sessions"].insert_many([session("ann", 30), session("ann", 60), session("bob", 20)])
    await refresh_search_keys(kings, ["cleo", "bob"])
    later = NOON + timedelta(minutes=40)
    assert await found(kings, "king", seen_after=later) == ["cleo"]
    assert await found(kings, "king", seen_before=later) == ["bob"]
    assert await found(kings, seen_after=NOON, seen_before=later) == ["bob"]


async def test_refreshing_again_writes_nothing(kings: Database, mongodb_url: str) -> None:
    commands = Commands()
    async with AsyncMongoClient[Row](mongodb_url, tz_aware=True, tzinfo=UTC, event_listeners=[commands]) as client:
        await refresh_search_keys(client[kings.name], ["ann", "bob", "cleo", contact_id_of("cookie", "eve"), "gone"])
    assert [name for command in commands.take() for name in ("update", "insert", "delete") if name in command] == []
