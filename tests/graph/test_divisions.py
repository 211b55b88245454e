"""Who sees one division is told nothing of another, by any query or subscription, as if that one did not exist."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count, product
from typing import Any

import pytest

from gateway.journey.contact import contact_id_of
from tests.graph.hidden_divisions import ADA, ANN, BOB, CONTACTS, JOURNEYS, OF_ADA, OF_ANN, OF_THE_SOUTH, TABLET
from tests.graph.socket_client import Socket, acknowledged
from tests.graph.two_divisions import APART, NORTH, SOUTH, World, contact, session, world_of


@pytest.fixture(scope="module")
async def both(mongodb_url: str) -> AsyncIterator[World]:
    """Both divisions, which share contacts."""
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        yield world


@pytest.fixture(scope="module")
async def alone(mongodb_url: str) -> AsyncIterator[World]:
    """The north alone."""
    async with world_of(mongodb_url, NORTH) as world:
        yield world


@pytest.fixture(scope="module")
async def both_apart(mongodb_url: str) -> AsyncIterator[World]:
    """Both divisions, which keep their contacts apart."""
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        yield world


@pytest.fixture(scope="module")
async def alone_apart(mongodb_url: str) -> AsyncIterator[World]:
    """The north alone, which would keep its contacts apart."""
    async with world_of(mongodb_url, NORTH, environ=APART) as world:
        yield world


async def answers_of(both: World, alone: World, document: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is told in the one world and in the other, between two moments of which the latter tells the same.

    A visitor may turn from LIVE to AWAY from one answer to the next.
    """
    while True:
        before, answer, after = [await world.post(NORTH, document) for world in (alone, both, alone)]
        if before == after:
            return answer, before


@pytest.mark.parametrize("name", JOURNEYS)
async def test_journeys_are_told_as_if_there_were_no_other_division(name: str, both: World, alone: World) -> None:
    answer, expected = await answers_of(both, alone, JOURNEYS[name])
    assert answer == expected
    assert "errors" not in answer, answer


@pytest.mark.parametrize("name", [*JOURNEYS, *CONTACTS])
async def test_everything_is_told_as_if_there_were_no_other_division_that_keeps_its_contacts_apart(
    name: str, both_apart: World, alone_apart: World
) -> None:
    answer, expected = await answers_of(both_apart, alone_apart, (JOURNEYS | CONTACTS)[name])
    assert answer == expected
    assert "errors" not in answer, answer


async def test_the_two_worlds_do_differ_for_who_sees_all(both: World, alone: World) -> None:
    for name in ("sessions", "journey", "rejected events", "divisions"):
        assert await both.post("all", JOURNEYS[name]) != await alone.post("all", JOURNEYS[name]), name
    assert (await both.ask("all", f'{{ contact(id: "{ADA}") {{ sessionCount }} }}'))["contact"]["sessionCount"] == 3
    found = await both.ask("all", CONTACTS["a search for theirs"])
    assert [row["id"] for row in found["contacts"]["nodes"]] == [BOB]


async def test_contacts_are_seen_across_divisions_unless_these_keep_them_apart(both: World) -> None:
    document = f'{{ contact(id: "{BOB}") {{ displayName sessionCount latestSession {{ id }} divisions {{ key }} }} }}'
    bob = (await both.ask(NORTH, document))["contact"]
    assert bob == {"displayName": "Bob Southern", "sessionCount": 0, "latestSession": None, "divisions": []}


async def test_of_a_customer_known_to_both_each_sees_its_own_visits(both: World) -> None:
    document = f'{{ contact(id: "{ADA}") {{ mergeSet {{ id }} sessions {{ nodes {{ division {{ key }} }} }} }} }}'
    for division, visits in ((NORTH, 1), (SOUTH, 2)):
        ada = (await both.ask(division, document))["contact"]
        assert {row["id"] for row in ada["mergeSet"]} == {ADA, TABLET}
        assert ada["sessions"]["nodes"] == [{"division": {"key": division}}] * visits


@pytest.mark.parametrize("kind", OF_THE_SOUTH)
async def test_what_is_of_another_division_is_not_there_by_its_id(kind: str, both: World) -> None:
    document = "query($id: ID!) { node(id: $id) { id } }"
    assert (await both.ask("all", document, id=OF_THE_SOUTH[kind]))["node"] == {"id": OF_THE_SOUTH[kind]}
    assert (await both.ask(NORTH, document, id=OF_THE_SOUTH[kind]))["node"] is None
    roots = {"session": "session", "event": "event"}
    if kind in roots:
        document = f"query($id: ID!) {{ found: {roots[kind]}(id: $id) {{ id }} }}"
        assert (await both.ask(NORTH, document, id=OF_THE_SOUTH[kind]))["found"] is None


@pytest.mark.parametrize("visitor", ["bob", "tablet"])
async def test_a_contact_that_is_kept_apart_is_not_there_by_its_id(visitor: str, both_apart: World) -> None:
    document = "query($id: ID!) { node(id: $id) { id } }"
    assert (await both_apart.ask(SOUTH, document, id=contact(visitor)))["node"] == {"id": contact(visitor)}
    assert (await both_apart.ask(NORTH, document, id=contact(visitor)))["node"] is None


async def test_a_place_in_a_list_of_others_leads_to_ones_own(both: World) -> None:
    page = "query($after: String) { sessions(first: 1, after: $after) { edges { cursor node { id } } } }"
    cursor, found = None, []
    for _ in range(9):
        answer = await both.ask("all", page, after=cursor)
        if not answer["sessions"]["edges"]:
            break
        cursor = answer["sessions"]["edges"][0]["cursor"]
        ours = (await both.ask(NORTH, page, after=cursor))["sessions"]["edges"]
        found += [edge["node"]["id"] for edge in ours]
    assert found == [OF_ANN, OF_ANN, OF_ADA, OF_ADA]


async def test_a_search_finds_nobody_by_what_a_hidden_contact_of_theirs_holds(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        database = world.api.database
        bob, ann = contact_id_of("cookie", "bob"), contact_id_of("cookie", "ann")
        # as sets may be that were joined before divisions kept their contacts apart
        cause = {"_id": "e", "kind": "LINK", "childId": bob, "parentId": ann, "rule": "API", "madeBy": "x"}
        await database["identityEdges"].insert_one({**cause, "madeDate": world.api.started, "evidence": {"s": "1"}})
        keys = (await database["contacts"].find_one({"_id": bob}) or {})["searchKeys"]
        words = (await database["contacts"].find_one({"_id": bob}) or {})["searchWords"]
        both_found = {"$push": {"searchKeys": {"$each": keys}, "searchWords": {"$each": words}}}
        await database["contacts"].update_one({"_id": ann}, both_found)
        gone = {"$set": {"ancestors": [ann]}, "$unset": {"searchKeys": "", "searchWords": "", "searchPlace": ""}}
        await database["contacts"].update_one({"_id": bob}, gone)
        for search, found in (("Southern", []), ("bob@shop.example", []), ("Northern", [{"id": ANN}])):
            document = f'{{ contacts(search: "{search}") {{ nodes {{ id }} }} }}'
            assert (await world.ask(NORTH, document))["contacts"]["nodes"] == found, search
        assert (await world.ask("all", '{ contacts(search: "Southern") { nodes { id } } }'))["contacts"]["nodes"]
        whole = f"""{{ contact(id: "{ANN}") {{ displayName mergeSet {{ id }} mergedFrom {{ id }} links {{ id }}
            identifiers {{ value }} identityPath {{ sentence }} }} }}"""
        ann_alone = (await world.ask(NORTH, whole))["contact"]
        assert (ann_alone["mergeSet"], ann_alone["mergedFrom"], ann_alone["links"]) == ([{"id": ANN}], [], [])
        assert "bob" not in repr(ann_alone)
        document = f'{{ contact(id: "{BOB}") {{ canonicalContact {{ id }} mergedTo {{ id }} mergeSet {{ id }} }} }}'
        bob_alone = (await world.ask(SOUTH, document))["contact"]
        assert bob_alone == {"canonicalContact": {"id": BOB}, "mergedTo": None, "mergeSet": [{"id": BOB}]}
        sessions = f'{{ sessions(filter: {{contactId: "{BOB}"}}) {{ nodes {{ contact {{ id }} }} }} }}'
        assert (await world.ask(SOUTH, sessions))["sessions"]["nodes"] == [{"contact": {"id": BOB}}]


async def test_the_whole_audit_log_is_for_who_sees_all_divisions(both: World) -> None:
    await both.ask("all", f'{{ contact(id: "{ANN}") {{ id }} }}')
    (error,) = (await both.post(NORTH, "{ auditLog { nodes { id } } }"))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_USER_INPUT", "contactId")
    assert (
        "nodes" in (await both.ask(NORTH, f'{{ auditLog(contactId: "{ANN}") {{ nodes {{ action }} }} }}'))["auditLog"]
    )


PRESENCE = "subscription($after: String) { presence(after: $after) { cursor session { id contact { id } } } }"
PRESENCE_OF_ADA = """subscription($id: ID!, $after: String) { presence(filter: {contactId: $id}, after: $after) {
    cursor session { id } } }"""
PREDICTIONS = """subscription($after: String) { predictions(after: $after) { cursor session { id }
    prediction { probability session { id } } } }"""
PREDICTIONS_OF_ANN = """subscription($id: ID!, $after: String) { predictions(contactId: $id, after: $after) {
    cursor session { id } } }"""
JOURNEY = """subscription($id: ID!, $after: String) { journey(contactId: $id, after: $after) {
    cursor event { id } session { id } contact { id } } }"""
LIVE = {
    "presence": ("presence", PRESENCE, {}),
    "presence of a customer": ("presence", PRESENCE_OF_ADA, {"id": ADA}),
    "predictions": ("predictions", PREDICTIONS, {}),
    "predictions of a customer": ("predictions", PREDICTIONS_OF_ANN, {"id": ANN}),
    "journey": ("journey", JOURNEY, {"id": ADA}),
}


@pytest.mark.parametrize("apart", [False, True], ids=["contacts shared", "contacts apart"])
async def test_what_is_live_is_told_by_division_at_once_and_after_a_cursor(mongodb_url: str, apart: bool) -> None:
    seconds = count(20, step=0.125)
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART if apart else None) as world:
        async with acknowledged(world.api.app, world.tokens["all"]) as socket:
            await socket.subscribe(PRESENCE)
            await world.happens(SOUTH, "carl", second := next(seconds))
            while (told := await socket.told("presence"))["session"]["id"] != session(SOUTH, "carl", second):
                pass
        cursor_of_theirs, happened = told["cursor"], 0
        for name, (field, document, variables) in LIVE.items():
            async with acknowledged(world.api.app, world.tokens[NORTH]) as socket:
                await socket.subscribe(document, **variables)
                telling = asyncio.create_task(_told_sessions(socket, field, 4))
                while not telling.done():  # until the subscription has begun
                    second, happened = next(seconds), happened + 1
                    for division, visitor in product((SOUTH, NORTH), ("ada", "ann")):
                        await world.happens(division, visitor, second)
                    await asyncio.sleep(0.05)
                assert await telling <= {OF_ADA, OF_ANN}, name
            async with acknowledged(world.api.app, world.tokens[NORTH]) as socket:
                await socket.subscribe(document, **variables, after=cursor_of_theirs)
                assert await _told_sessions(socket, field, happened) <= {OF_ADA, OF_ANN}, name


async def _told_sessions(socket: Socket, field: str, number: int) -> set[str]:
    """Return the sessions of the next messages."""
    return {(await socket.told(field))["session"]["id"] for _ in range(number)}


async def test_who_follows_a_contact_that_is_kept_apart_is_told_nothing(both_apart: World) -> None:
    async with acknowledged(both_apart.api.app, both_apart.tokens[NORTH]) as socket:
        await socket.send(id="1", type="subscribe", payload={"query": JOURNEY, "variables": {"id": BOB}})
        await socket.send(id="2", type="subscribe", payload={"query": PREDICTIONS})
        for second in (41, 42, 43):
            await both_apart.happens(SOUTH, "bob", second)
            await both_apart.happens(NORTH, "ann", second)
        told = await socket.receive()
        assert (told["id"], told["type"]) == ("2", "next"), told
        assert told["payload"]["data"]["predictions"]["session"]["id"] == session(NORTH, "ann", 3, "identify")
