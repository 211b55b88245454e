"""Who sees one division changes nothing of another, and is answered as if that one did not exist."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of
from tests.graph.hidden_divisions import ADA, ANN, BOB, CONTACTS, OF_THE_SOUTH, TABLET
from tests.graph.two_divisions import APART, EMAIL, NORTH, SOUTH, World, contact, session, world_of


@pytest.fixture(scope="module")
async def both(mongodb_url: str) -> AsyncIterator[World]:
    """Both divisions, which share contacts."""
    async with world_of(mongodb_url, NORTH, SOUTH) as world:
        yield world


@pytest.fixture(scope="module")
async def both_apart(mongodb_url: str) -> AsyncIterator[World]:
    """Both divisions, which keep their contacts apart."""
    async with world_of(mongodb_url, NORTH, SOUTH, environ=APART) as world:
        yield world


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


async def test_that_a_contact_cannot_be_deleted_does_not_tell_of_visits_elsewhere(both: World) -> None:
    delete = "mutation($id: ID!) { deleteContact(input: {id: $id}) { deletedContactId } }"
    told = [(await both.post(NORTH, delete, id=id_))["errors"][0]["message"] for id_ in (BOB, ANN, TABLET)]
    assert len(set(told)) == 1


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
