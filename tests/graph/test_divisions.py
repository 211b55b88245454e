"""Who sees one division sees nothing of another, by any path: to them the world is as if that one did not exist."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count, product
from typing import Any

import pytest

from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of
from tests.graph.socket_client import Socket, acknowledged
from tests.graph.two_divisions import APART, EMAIL, NORTH, SOUTH, World, contact, event, session, world_of

ADA, ANN, BOB, TABLET = map(contact, ("ada", "ann", "bob", "tablet"))
SESSION = """id shortId type createdDate endedDate eventCount pageviewCount searchTerms durationInSeconds presence
    lastPage { url title } lastEvent { id eventName createdDate } customerId division { id key name }
    events { nodes { id eventName createdDate sequence page { url } searchQuery attributes
        session { id } outcomeAchievements { achievedDate outcome { displayName } } } pageInfo { hasNextPage } }
    predictions { probability sessionMaxProbability outcome { displayName model { sessionCount achievedCount } } }
    outcomeAchievements { achievedDate event { id } session { id } }"""
OF_CUSTOMER = f"""sessionCount presence divisions {{ key }} latestSession {{ {SESSION} }} sessions {{ nodes {{ id }} }}
    journey {{ sessions {{ nodes {{ id }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }}
        events {{ nodes {{ id eventName }} }} predictions {{ probability session {{ id }} }}
        outcomeAchievements {{ achievedDate session {{ id }} event {{ id }} }} }}"""
JOURNEYS = {
    "sessions": f"{{ sessions {{ nodes {{ {SESSION} }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }} }}",
    "sessions, the last ones": "{ sessions(last: 1) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }",
    "sessions of the customer": f'{{ sessions(filter: {{contactId: "{ADA}"}}) {{ nodes {{ {SESSION} }} }} }}',
    "sessions of those who are here": "{ sessions(filter: {presence: [LIVE, AWAY]}) { nodes { id } } }",
    "sessions of our division": f'{{ sessions(filter: {{divisionId: "{to_global_id("Division", NORTH)}"}}) '
    "{ nodes { id } } }",
    "sessions of the other division": f'{{ sessions(filter: {{divisionId: "{to_global_id("Division", SOUTH)}"}}) '
    "{ nodes { id } } }",
    "journey": f'{{ journey(contactId: "{ADA}") {{ contact {{ id {OF_CUSTOMER} }} }} }}',
    "contact": f'{{ contact(id: "{ADA}") {{ {OF_CUSTOMER} }} }}',
    "rejected events": "{ rejectedEvents { nodes { id messageId reason wire } pageInfo { hasNextPage } } }",
    "divisions": "{ divisions { id key name } }",
    "outcomes": "{ outcomes { displayName model { sessionCount achievedCount } } }",
}
"""What is told of journeys: the same where divisions share contacts, and where they keep them apart."""
CONTACTS = {
    "contacts": "{ contacts { nodes { id type displayName divisions { key } } edges { cursor } "
    "pageInfo { hasNextPage } } }",
    "contacts of our division": f'{{ contacts(filter: {{divisionId: "{to_global_id("Division", NORTH)}"}}) '
    "{ nodes { id } } }",
    "contacts of the other division": f'{{ contacts(filter: {{divisionId: "{to_global_id("Division", SOUTH)}"}}) '
    "{ nodes { id } } }",
    "known contacts": "{ contacts(filter: {kind: [IDENTIFIED]}) { nodes { id displayName } } }",
    "a search for ours": '{ contacts(search: "Northern") { nodes { id displayName } pageInfo { hasNextPage } } }',
    "a search for theirs": '{ contacts(search: "Southern") { nodes { id } pageInfo { hasNextPage } } }',
    "a search for their e-mail": '{ contacts(search: "bob@shop.example") { nodes { id } } }',
    "a search for their visitor": '{ contacts(search: "bob", filter: {kind: [EPHEMERAL]}) { nodes { id } } }',
    "who holds their e-mail": '{ contactByIdentifier(type: EMAIL, value: "bob@shop.example") { id } }',
    "who holds their cookie": '{ contactByIdentifier(type: COOKIE, value: "bob") { id } }',
    "candidates": '{ contactCandidates(type: EMAIL, value: "bob@shop.example") { contact { id } reasons } }',
    "their contact": f'{{ contact(id: "{BOB}") {{ id }} journey(contactId: "{BOB}") {{ contact {{ id }} }} }}',
    "ours": f"""{{ contact(id: "{ANN}") {{ id kind displayName sessionCount createdDate modifiedDate expiresDate
        identifiers {{ type value contact {{ id }} }} mergeSet {{ id }} mergedFrom {{ id }} links {{ id }}
        canonicalContact {{ id }} identityPath {{ kind sentence }} divisions {{ key }} }} }}""",
    "audit log of theirs": f'{{ auditLog(contactId: "{BOB}") {{ nodes {{ action contactIds details }} }} }}',
}
"""What is told of contacts, where divisions keep them apart."""


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


OF_THE_SOUTH = {
    "session": session(SOUTH, "ada", 0.5),
    "event": event(SOUTH, "bob", 5, "identify"),
    "rejected event": to_global_id("RejectedEvent", f"rejected-{SOUTH}"),
    "division": to_global_id("Division", SOUTH),
}


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


OF_ADA, OF_ANN = session(NORTH, "ada", 0), session(NORTH, "ann", 3, "identify")
SESSION_OF_SOUTH, NO_SESSION = session(SOUTH, "ada", 0.5), session(SOUTH, "nobody", 0)
NO_CONTACT = contact("nobody")
ON_JOURNEYS = {
    "linkSession": (
        "mutation($id: ID!, $ann: ID!) { linkSession(input: {sessionId: $id, contactId: $ann}) { session { id } } }",
        SESSION_OF_SOUTH,
        NO_SESSION,
    ),
    "unlinkSession": (
        "mutation($id: ID!) { unlinkSession(input: {sessionId: $id}) { session { id } } }",
        SESSION_OF_SOUTH,
        NO_SESSION,
    ),
    "replayRejectedEvents": (
        "mutation($id: ID!) { replayRejectedEvents(input: {ids: [$id]}) { events { id } rejectedEvents { id } } }",
        OF_THE_SOUTH["rejected event"],
        to_global_id("RejectedEvent", "none"),
    ),
    "updateDivision": (
        'mutation($id: ID!) { updateDivision(input: {id: $id, name: "x"}) { division { id } } }',
        OF_THE_SOUTH["division"],
        to_global_id("Division", "none"),
    ),
    "deleteDivision": (
        "mutation($id: ID!) { deleteDivision(input: {id: $id}) { division { id } } }",
        OF_THE_SOUTH["division"],
        to_global_id("Division", "none"),
    ),
    "createContact": (
        "mutation($id: ID!) { createContact(input: {divisionIds: [$id]}) { contact { id } } }",
        OF_THE_SOUTH["division"],
        to_global_id("Division", "none1"),
    ),
    "setContactDivisions": (
        """mutation($id: ID!, $ann: ID!) { setContactDivisions(input: {contactId: $ann, divisionIds: [$id]}) {
            contact { id } } }""",
        OF_THE_SOUTH["division"],
        to_global_id("Division", "none1"),
    ),
    "createToken": (
        'mutation($id: ID!) { createToken(input: {name: "x", role: "agent", divisionIds: [$id]}) { secret } }',
        OF_THE_SOUTH["division"],
        to_global_id("Division", "none1"),
    ),
}
"""Mutations, each with the id of something of the other division, and one of something that is not there."""


def without_ids(answer: dict[str, Any], *ids: str) -> str:
    """Return what was answered with the ids taken out: those that clients see, and what they stand for."""
    text = repr(answer)
    for id_ in ids:
        for form in (id_, SOUTH, "none1"):
            text = text.replace(form, "...")
    return text


@pytest.mark.parametrize("name", ON_JOURNEYS)
async def test_a_mutation_answers_for_what_is_of_another_division_as_for_what_is_not_there(
    name: str, both: World
) -> None:
    document, theirs, nothing = ON_JOURNEYS[name]
    hidden, missing = [await both.post(NORTH, document, id=id_, **OURS) for id_ in (theirs, nothing)]
    assert without_ids(hidden, theirs, nothing) == without_ids(missing, theirs, nothing)
    assert hidden["data"] is None or hidden["data"]["replayRejectedEvents"] == {"events": [], "rejectedEvents": []}


ON_CONTACTS = {
    "updateContact": 'mutation($id: ID!) { updateContact(input: {id: $id, firstName: "x"}) { contact { id } } }',
    "deleteContact": "mutation($id: ID!) { deleteContact(input: {id: $id}) { deletedContactId } }",
    "promoteContact": "mutation($id: ID!) { promoteContact(input: {contactId: $id}) { contact { id } } }",
    "mergeContacts": "mutation($id: ID!, $ann: ID!) { mergeContacts(input: {contactIds: [$id, $ann]}) "
    "{ merge { id } } }",
    "linkContact": "mutation($id: ID!, $ann: ID!) { linkContact(input: {contactId: $id, toContactId: $ann}) "
    "{ contact { id } } }",
    "linkSession": "mutation($id: ID!, $ours: ID!) { linkSession(input: {sessionId: $ours, contactId: $id}) "
    "{ session { id } } }",
    "claimIdentifier": "mutation($id: ID!) { claimIdentifier(input: {contactId: $id, type: EMAIL, "
    'value: "x@y.example"}) { contact { id } } }',
    "releaseIdentifier": "mutation($id: ID!) { releaseIdentifier(input: {contactId: $id, type: EMAIL, "
    'value: "bob@shop.example"}) { contact { id } } }',
    "createNote": 'mutation($id: ID!) { createNote(input: {contactId: $id, noteText: "x"}) { note { id } } }',
    "enrichContact": 'mutation($id: ID!) { enrichContact(input: {id: $id, contact: {firstName: "x"}, '
    'matchingIdentifiers: [{type: EMAIL, value: "x@y.example"}]}) { result { status } } }',
    "setContactDivisions": "mutation($id: ID!, $north: ID!) { setContactDivisions(input: {contactId: $id, "
    "divisionIds: [$north]}) { contact { id } } }",
}
OURS = {"ann": ANN, "ours": session(NORTH, "ada", 0), "north": to_global_id("Division", NORTH)}
"""What is there to go with it: further variables of these documents."""


@pytest.mark.parametrize("name", ON_CONTACTS)
async def test_a_mutation_answers_for_a_contact_that_is_kept_apart_as_for_one_that_is_not_there(
    name: str, both_apart: World
) -> None:
    hidden, missing = [await both_apart.post(NORTH, ON_CONTACTS[name], id=id_, **OURS) for id_ in (BOB, NO_CONTACT)]
    assert without_ids(hidden, BOB, NO_CONTACT) == without_ids(missing, BOB, NO_CONTACT)
    assert hidden["errors"][0]["extensions"]["code"] == "NOT_FOUND", hidden


async def test_notes_links_and_merges_of_contacts_that_are_kept_apart_are_not_there(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        note = await world.ask(
            SOUTH, f'mutation {{ createNote(input: {{contactId: "{BOB}", noteText: "x"}}) {{ note {{ id }} }} }}'
        )
        note_id = note["createNote"]["note"]["id"]
        new = 'createContact(input: {firstName: "Carl"}) { contact { id divisions { key } } }'
        carl = (await world.ask(SOUTH, f"mutation {{ {new} }}"))["createContact"]["contact"]
        assert carl["divisions"] == [{"key": SOUTH}]
        merge = f'mergeContacts(input: {{contactIds: ["{BOB}", "{carl["id"]}"]}}) {{ merge {{ id }} contact {{ id }} }}'
        merged = (await world.ask(SOUTH, f"mutation {{ {merge} }}"))["mergeContacts"]
        (link,) = (await world.ask(SOUTH, f'{{ contact(id: "{ADA}") {{ links {{ id }} }} }}'))["contact"]["links"]
        assert (await world.ask(NORTH, f'{{ contact(id: "{ADA}") {{ links {{ id }} }} }}'))["contact"]["links"] == []
        assert (await world.ask(NORTH, "query($id: ID!) { node(id: $id) { id } }", id=note_id))["node"] is None
        for mutation, theirs, nothing in (
            (
                'updateNote(input: {id: $id, noteText: "y"}) { note { id } }',
                note_id,
                to_global_id("Note", "none"),
            ),
            ("deleteNote(input: {id: $id}) { note { id } }", note_id, to_global_id("Note", "none")),
            ("unmergeContacts(input: {mergeId: $id}) { contacts { id } }", merged["merge"]["id"], "none"),
            (
                "unlinkContact(input: {linkId: $id}) { contacts { id } }",
                link["id"],
                to_global_id("IdentityLink", "none"),
            ),
        ):
            document = f"mutation($id: ID!) {{ {mutation} }}"
            hidden, missing = [await world.post(NORTH, document, id=id_) for id_ in (theirs, nothing)]
            assert without_ids(hidden, theirs) == without_ids(missing, nothing)
            assert hidden["errors"][0]["extensions"]["code"] == "NOT_FOUND", hidden


async def test_what_another_division_knows_by_an_identifier_is_created_anew_and_found_again(
    mongodb_url: str,
) -> None:
    enrich = """mutation { enrichContact(input: {matchingIdentifiers: [{type: EMAIL, value: "bob@shop.example"}],
        contact: {firstName: "Robert"}}) { result { status contact { id firstName divisions { key } }
        candidates { contact { id } } } } }"""
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        created = (await world.ask(NORTH, enrich))["enrichContact"]["result"]
        assert (created["status"], created["candidates"]) == ("CREATED", [])
        assert created["contact"]["divisions"] == [{"key": NORTH}]
        again = (await world.ask(NORTH, enrich))["enrichContact"]["result"]
        assert again == {**created, "status": "UNCHANGED"}
        for who, found in ((NORTH, created["contact"]["id"]), (SOUTH, BOB)):
            answer = await world.ask(who, CONTACTS["who holds their e-mail"])
            assert answer["contactByIdentifier"] == {"id": found}


async def test_contacts_of_different_divisions_are_joined_by_nobody(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        for mutation in (
            f'mergeContacts(input: {{contactIds: ["{ANN}", "{BOB}"]}}) {{ merge {{ id }} }}',
            f'linkContact(input: {{contactId: "{ANN}", toContactId: "{BOB}"}}) {{ contact {{ id }} }}',
        ):
            (error,) = (await world.post("all", f"mutation {{ {mutation} }}"))["errors"]
            assert error["extensions"]["code"] == "CONFLICT"
            assert "different divisions" in error["message"]
        both_ids = [to_global_id("Division", division) for division in (NORTH, SOUTH)]
        give = """mutation($id: ID!, $ids: [ID!]!) { setContactDivisions(input: {contactId: $id, divisionIds: $ids}) {
            contact { divisions { key } } } }"""
        for visitor in (ANN, BOB):
            answer = await world.ask("all", give, id=visitor, ids=both_ids)
            assert answer["setContactDivisions"]["contact"]["divisions"] == [{"key": NORTH}, {"key": SOUTH}]
        merge = f'mergeContacts(input: {{contactIds: ["{ANN}", "{BOB}"]}}) {{ contact {{ id divisions {{ key }} }} }}'
        head = (await world.ask("all", f"mutation {{ {merge} }}"))["mergeContacts"]["contact"]
        assert len(head["divisions"]) == 2
        members = f'{{ contact(id: "{ANN}") {{ mergeSet {{ id }} canonicalContact {{ id }} }} }}'
        ann = (await world.ask(NORTH, members))["contact"]
        assert ann["canonicalContact"] == {"id": head["id"]}
        assert {one["id"] for one in ann["mergeSet"]} == {head["id"], ANN, BOB}


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


@pytest.mark.parametrize(
    "mutation",
    [
        f'eraseContact(input: {{contactId: "{ANN}"}}) {{ receipt {{ id }} }}',
        f'exportContact(input: {{contactId: "{ANN}"}}) {{ json }}',
        'createDivision(input: {key: "west", name: "West"}) { division { id } }',
    ],
    ids=["eraseContact", "exportContact", "createDivision"],
)
async def test_what_is_about_all_divisions_takes_a_token_that_sees_all(mutation: str, both: World) -> None:
    (error,) = (await both.post(NORTH, f"mutation {{ {mutation} }}"))["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "all" in error["message"]


async def test_the_whole_audit_log_is_for_who_sees_all_divisions(both: World) -> None:
    await both.ask("all", f'{{ contact(id: "{ANN}") {{ id }} }}')
    (error,) = (await both.post(NORTH, "{ auditLog { nodes { id } } }"))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_USER_INPUT", "contactId")
    assert (
        "nodes" in (await both.ask(NORTH, f'{{ auditLog(contactId: "{ANN}") {{ nodes {{ action }} }} }}'))["auditLog"]
    )


async def test_that_a_contact_cannot_be_deleted_does_not_tell_of_visits_elsewhere(both: World) -> None:
    delete = "mutation($id: ID!) { deleteContact(input: {id: $id}) { deletedContactId } }"
    told = [(await both.post(NORTH, delete, id=id_))["errors"][0]["message"] for id_ in (BOB, ANN, TABLET)]
    assert len(set(told)) == 1


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


async def test_divisions_are_added_changed_and_deleted_by_who_sees_all(both: World) -> None:
    create = """mutation { createDivision(input: {key: "west", name: " West ", description: "Beyond"}) {
        division { id key name description } } }"""
    west = (await both.ask("all", create))["createDivision"]["division"]
    assert (west["key"], west["name"], west["description"]) == ("west", "West", "Beyond")
    assert (await both.post("all", create))["errors"][0]["extensions"] == {"code": "CONFLICT", "field": "key"}
    update = """mutation($id: ID!) { updateDivision(input: {id: $id, name: "Far West", description: null}) {
        division { name description } } }"""
    changed = (await both.ask("all", update, id=west["id"]))["updateDivision"]["division"]
    assert changed == {"name": "Far West", "description": None}
    found = [one["key"] for one in (await both.ask("all", "{ divisions { key } }"))["divisions"]]
    assert found == ["home", NORTH, SOUTH, "west"]
    delete = "mutation($id: ID!) { deleteDivision(input: {id: $id}) { division { key } } }"
    assert (await both.ask("all", delete, id=west["id"]))["deleteDivision"]["division"] == {"key": "west"}
    for id_, word in ((to_global_id("Division", NORTH), "in use"), (to_global_id("Division", "home"), "home division")):
        (error,) = (await both.post("all", delete, id=id_))["errors"]
        assert error["extensions"]["code"] == "CONFLICT"
        assert word in error["message"]


async def test_a_contact_stays_of_the_divisions_that_it_has_visits_in(both: World) -> None:
    document = """mutation($id: ID!, $ids: [ID!]!) { setContactDivisions(input: {contactId: $id, divisionIds: $ids}) {
        contact { divisions { key } } } }"""
    home, north = (to_global_id("Division", division) for division in ("home", NORTH))
    (error,) = (await both.post("all", document, id=ADA, ids=[north]))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_USER_INPUT", "divisionIds")
    assert SOUTH in error["message"]
    answer = await both.ask(NORTH, document, id=ADA, ids=[north])  # of the south it stays as well
    assert answer["setContactDivisions"]["contact"]["divisions"] == [{"key": NORTH}]
    everything = await both.ask("all", f'{{ contact(id: "{ADA}") {{ divisions {{ key }} }} }}')
    assert [one["key"] for one in everything["contact"]["divisions"]] == [NORTH, SOUTH]
    answer = await both.ask("all", document, id=ANN, ids=[home, north])
    assert answer["setContactDivisions"]["contact"]["divisions"] == [{"key": "home"}, {"key": NORTH}]


async def test_a_session_that_is_linked_to_a_contact_is_of_its_divisions_too(mongodb_url: str) -> None:
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        link = f"""mutation {{ linkSession(input: {{sessionId: "{session(SOUTH, "tablet", 4, "identify")}",
            contactId: "{ANN}"}}) {{ session {{ contact {{ divisions {{ key }} }} }} }} }}"""
        linked = (await world.ask("all", link))["linkSession"]["session"]
        assert sorted(one["key"] for one in linked["contact"]["divisions"]) == [NORTH, SOUTH]
        ids = {"$in": [contact_id_of("cookie", visitor) for visitor in ("tablet", "ann")]}
        counted = await world.api.database["contacts"].find({"_id": ids}).sort("createdDate", 1).to_list()
        assert [one["divisionSessions"] for one in counted] == [{NORTH: 1, SOUTH: 1}, {SOUTH: 0}]
        assert EMAIL not in repr(linked)
