"""Contacts that are searched for through the API: known ones, in the search's own order, a page at a time."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.journey.contact import contact_id_of
from gateway.journey.search_keys import KINDS
from gateway.storage import contact_search
from gateway.storage.contact_search_keys import refresh_search_keys
from gateway.storage.documents.contact import SEARCH_INDEXES
from tests.graph.conftest import Api, api_over

FOUND = """query($search: String, $filter: ContactFilter, $first: Int, $after: String, $last: Int, $before: String) {
    contacts(search: $search, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        nodes { displayName } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
PEOPLE = ("Ada King", "Bob King", "Cléo Smith", "Dan King")


@pytest.fixture(scope="module")
async def people(mongodb_url: str) -> AsyncIterator[Api]:
    """Four who are known, an hour apart, the second kept by hand; and a visitor nobody knows."""
    async with api_over(mongodb_url) as api:
        contacts = api.database["contacts"]
        await contacts.create_indexes(SEARCH_INDEXES)
        for number, name in enumerate(PEOPLE):
            await put(
                api, f"v{number}", number, "CURATED" if number == 1 else "IDENTIFIED", name, f"{number}@shop.example"
            )
        await put(api, "eve", len(PEOPLE), "EPHEMERAL")
        await refresh_search_keys(api.database, await contacts.distinct("_id"))
        yield api


async def put(api: Api, visitor: str, hours: int, kind: str, name: str = "", email: str = "") -> None:
    """Store a contact and its one session, that many hours after the first one four hours ago."""
    date = api.started - timedelta(hours=4 - hours)
    id_ = contact_id_of("cookie", visitor)
    first_name, _, last_name = name.partition(" ")
    contact = {
        "_id": id_,
        "type": kind,
        "identifiers": [{"type": "Email", "value": email}] if email else [],
        "sessionCount": 1,
        "createdDate": date,
        "modifiedDate": date,
        **({"firstName": first_name, "lastName": last_name} if name else {}),
    }
    session = {"_id": visitor, "contactId": id_, "createdDate": date, "lastEvent": {"createdDate": date}}
    await api.database["contacts"].insert_one(contact)
    await api.database["sessions"].insert_one(session)


async def found(api: Api, search: str | None = None, **arguments: object) -> dict[str, Any]:
    connection: dict[str, Any] = (await api.ask(FOUND, search=search, **arguments))["contacts"]
    return connection


async def names(api: Api, search: str | None = None, **arguments: object) -> list[str]:
    return [node["displayName"] for node in (await found(api, search, **arguments))["nodes"]]


async def test_a_search_finds_known_contacts_curated_first(people: Api) -> None:
    assert await names(people, "king") == ["Bob King", "Dan King", "Ada King"]
    assert await names(people, "cleo 2@SHOP.example") == ["Cléo Smith"]
    assert await names(people, "") == ["Bob King", "Dan King", "Cléo Smith", "Ada King"]
    assert await names(people, "eve") == []


async def test_without_a_search_everyone_is_listed(people: Api) -> None:
    assert len(await names(people)) == len(PEOPLE) + 1


async def test_filters_narrow_a_search(people: Api) -> None:
    hours_ago = {number: (people.started - timedelta(hours=number, minutes=-1)).isoformat() for number in range(5)}
    assert await names(people, "king", filter={"kind": ["IDENTIFIED"]}) == ["Dan King", "Ada King"]
    assert await names(people, "king", filter={"type": ["CURATED"]}) == ["Bob King"]
    assert await names(people, "king", filter={"kind": ["CANONICAL"]}) == []
    assert await names(people, filter={"kind": ["CURATED"]}) == ["Bob King"]
    assert await names(people, "king", filter={"createdAfter": hours_ago[2]}) == ["Dan King"]
    assert await names(people, filter={"seenAfter": hours_ago[3]}) == ["Dan King", "Cléo Smith"]
    assert await names(people, filter={"seenBefore": hours_ago[3]}) == ["Bob King", "Ada King"]


async def test_a_visitor_nobody_knows_is_found_by_the_cookie_when_asked_for(people: Api) -> None:
    assert await names(people, "eve", filter={"kind": ["EPHEMERAL"]}) == [None]
    assert await names(people, "v1", filter={"type": ["EPHEMERAL"]}) == []
    assert await names(people, filter={"kind": ["EPHEMERAL"]}) == [None]


async def test_pages_lead_forward_and_backward_through_what_is_found(people: Api) -> None:
    first = await found(people, "king", first=2)
    assert [node["displayName"] for node in first["nodes"]] == ["Bob King", "Dan King"]
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    rest = await found(people, "king", first=2, after=first["pageInfo"]["endCursor"])
    assert [node["displayName"] for node in rest["nodes"]] == ["Ada King"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    back = await found(people, "king", last=2, before=rest["pageInfo"]["startCursor"])
    assert back["nodes"] == first["nodes"]


async def test_a_page_that_looked_at_enough_says_where_to_go_on(people: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_search, "SCANNED", 1)
    monkeypatch.setattr(contact_search, "FEW", 0)
    seen = {"seenAfter": (people.started - timedelta(minutes=90)).isoformat()}
    page = await found(people, "king", first=5, filter=seen)
    assert (page["nodes"], page["pageInfo"]["hasNextPage"]) == ([], True)
    told = []
    while page["pageInfo"]["hasNextPage"]:
        page = await found(people, "king", first=5, filter=seen, after=page["pageInfo"]["endCursor"])
        told += [node["displayName"] for node in page["nodes"]]
    assert told == ["Dan King"]
    page = await found(people, "king", last=5, filter=seen)
    assert (page["nodes"], page["pageInfo"]["hasPreviousPage"]) == ([], True)
    page = await found(people, "king", last=5, filter=seen, before=page["pageInfo"]["startCursor"])
    assert [node["displayName"] for node in page["nodes"]] == ["Dan King"]


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        pytest.param({"filter": {"kind": ["EPHEMERAL", "CURATED"]}}, "BAD_USER_INPUT", "kind", id="mixed kinds"),
        pytest.param(
            {"search": "king", "filter": {"type": ["EPHEMERAL", "CURATED"]}}, "BAD_USER_INPUT", "kind", id="mixed types"
        ),
        pytest.param({"search": "king", "after": "nonsense"}, "BAD_CURSOR", None, id="no cursor"),
        pytest.param({"search": "king", "first": 201}, "BAD_USER_INPUT", "first", id="too many"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    arguments: dict[str, object], code: str, field: str | None, people: Api
) -> None:
    (error,) = await people.errors(FOUND, **arguments)
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)


async def test_a_cursor_of_the_whole_list_is_none_of_a_search(people: Api) -> None:
    cursor = (await found(people, first=1))["pageInfo"]["endCursor"]
    (error,) = await people.errors(FOUND, search="king", after=cursor)
    assert error["extensions"]["code"] == "BAD_CURSOR"


def test_every_kind_but_that_of_strangers_can_be_searched() -> None:
    assert KINDS == ("CANONICAL", "CURATED", "IDENTIFIED")
