"""What people may ask for by law, through the API: everything that is held of them, and that nothing is held any more.

Ada and Bob live through everything that leaves traces; then one of the two is erased.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gateway.clock import now
from gateway.graph.node import from_global_id, to_global_id
from gateway.journey.identity import Cause, Rule
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.identity.merging import MergeWanted, merge_contacts
from tests.graph.conftest import WRITE_KEY, Api
from tests.graph.test_rejected_events import refuse_events_of
from tests.running_server import until

ERASE = """mutation($input: EraseContactInput!) { eraseContact(input: $input) {
    receipt { id date actor counts { collection count } } } }"""
EXPORT = "mutation($input: ExportContactInput!) { exportContact(input: $input) { json } }"
HOLDER = "query($value: String!) { contactByIdentifier(type: COOKIE, value: $value) { id } }"
VISITS = HOLDER.replace("{ id }", "{ type sessions { nodes { eventCount } } }")
NOTE = "mutation($input: CreateNoteInput!) { createNote(input: $input) { note { id } } }"
UPDATE = "mutation($input: UpdateContactInput!) { updateContact(input: $input) { contact { id } } }"
LOOK = "query($id: ID!) { journey(contactId: $id) { events { nodes { id } } } }"
Row = dict[str, Any]


class Person:
    """Somebody with a laptop, a tablet, and everything else that gives people away."""

    def __init__(self, name: str, number: int) -> None:
        self.cookie, self.tablet = f"{name}-laptop-cookie", f"{name}-tablet-cookie"
        self.email, self.phone, self.user = f"{name}@mail.example", f"+4144333445{number}", f"customer-of-{name}"
        self.first, self.last = f"{name.title()}first", f"{name.title()}last"
        self.address, self.place = f"203.0.{number}13.77", f"{name} street 7"
        self.secret = f"likes {name} tea"

    @property
    def values(self) -> tuple[str, ...]:
        """What nobody else is called, in the forms in which it is stored; an IP address without its last octet."""
        return (
            self.cookie,
            self.tablet,
            self.email,
            self.phone,
            self.user,
            self.first,
            self.last,
            self.address.rpartition(".")[0],
            self.place,
            self.secret,
        )


ADA, BOB = Person("ada", 1), Person("bob", 2)


def texts(value: object) -> Iterator[str]:
    """Yield every text of a document as it is stored, whatever it is: names of fields, ids, and bytes included."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    else:
        yield str(value)


BACKGROUND = "turns"
"""Whose turn it is to do what in the background; it may be noted at any moment."""


async def everything(api: Api) -> dict[tuple[str, str], Row]:
    """Return every document of the database, by collection and id."""
    names = await api.database.list_collection_names()
    return {(name, str(row["_id"])): row for name in names async for row in api.database[name].find()}


def speaking_of(rows: Mapping[tuple[str, str], Row], *values: str) -> dict[tuple[str, str], Row]:
    """Return the documents in which one of these values stands, whatever its case."""
    folded = [value.casefold() for value in values]
    return {
        key: row
        for key, row in rows.items()
        if any(value in text.casefold() for text in texts(row) for value in folded)
    }


async def contact_of(api: Api, cookie: str) -> str:
    found: str = (await api.ask(HOLDER, value=cookie))["contactByIdentifier"]["id"]
    return found


async def lives(api: Api, person: Person) -> str:
    """Leave every trace that there is, and return the id of one of the person's contacts."""
    page = {"url": f"https://shop.example/tea?q={person.secret.replace(' ', '+')}", "title": person.secret}
    context = {"page": page, "ip": person.address, "traits": {"email": person.email}}
    traits = {"email": person.email.upper(), "phone": person.phone, "name": f"{person.first} {person.last}"}
    await api.happens(person.cookie, ago=4_000, context=context)
    await api.happens(person.cookie, "track", ago=3_990, event="Products Searched", properties={"query": person.secret})
    await api.happens(person.cookie, "identify", ago=3_980, userId=person.user, traits=traits, context=context)
    await api.happens(person.tablet, ago=30, context=context)
    await api.happens(person.tablet, "identify", ago=20, traits={"email": person.email})
    laptop = await contact_of(api, person.cookie)
    details = {"address": {"address1": person.place}, "customFields": {person.secret: person.secret}}
    await api.ask(UPDATE, input={"id": laptop, **details})
    await api.ask(NOTE, input={"contactId": laptop, "noteText": f"{person.first} {person.secret}"})
    await api.ask(LOOK, id=laptop)
    (_, stored_id) = from_global_id(laptop)
    careless = AuditEntry(now(), "Eve", AuditAction.UPDATED, (stored_id,), {"email": person.email})
    await record(api.database, careless)
    return laptop


async def is_set_aside(api: Api, *people: Person) -> None:
    """Have events be set aside: of the people's own visitors, and of others who name them."""
    await refuse_events_of(api, "stranger", *(person.cookie for person in people))
    for person in people:
        mine = {"type": "page", "messageId": f"set aside {person.user}", "anonymousId": person.cookie}
        naming = {"type": "identify", "messageId": f"naming {person.user}", "anonymousId": "stranger"}
        calls = [mine, naming | {"traits": {"email": person.email}}]
        answer = await api.client.post("/v1/batch", json={"batch": calls}, auth=(WRITE_KEY, ""))
        assert [receipt["status"] for receipt in answer.json()["receipts"]] == ["rejected"] * 2
    await refuse_events_of(api)


@pytest.fixture
async def lived(api: Api) -> tuple[str, str]:
    """Ids of a contact of Ada's and of one of Bob's, after all that; Ada's are merged with a third one besides."""
    ada, bob = await lives(api, ADA), await lives(api, BOB)
    await api.happens("ada-phone-cookie", ago=10)
    ids = [from_global_id(id_)[1] for id_ in (ada, await contact_of(api, "ada-phone-cookie"))]
    cause = Cause(Rule.AGENT, "Eve", now(), {"reason": ADA.secret})
    await merge_contacts(api.database, MergeWanted("merge-1", ids, {"firstName": ADA.first}, cause))
    await is_set_aside(api, ADA, BOB)

    async def all_looks() -> bool:
        return await api.database["auditLog"].count_documents({"action": "LOOKED_AT"}) >= 2

    await until(all_looks)
    return ada, bob


async def test_nothing_that_is_erased_stands_anywhere_any_more_and_others_are_complete(
    api: Api, lived: tuple[str, str]
) -> None:
    ada, _ = lived
    before = await everything(api)
    for value in (*ADA.values, *BOB.values):  # else there would be nothing to find afterwards
        assert speaking_of(before, value), value
    kinds = {collection for collection, _ in speaking_of(before, *ADA.values)}
    assert kinds >= {
        "auditLog",
        "contacts",
        "events",
        "identifiers",
        "identityEdges",
        "notes",
        "rejectedEvents",
        "sessions",
    }
    receipt = (await api.ask(ERASE, input={"contactId": ada}))["eraseContact"]["receipt"]
    after = await everything(api)
    assert speaking_of(after, *ADA.values, "ada-phone-cookie") == {}
    bobs = speaking_of(before, *BOB.values)
    assert {key: after.get(key) for key in bobs} == bobs
    gone = before.keys() - after.keys()
    counted = {one["collection"]: one["count"] for one in receipt["counts"]}
    assert counted == {name: sum(key[0] == name for key in gone) for name in {key[0] for key in gone}}
    assert {key[0] for key in after.keys() - before.keys()} == {"auditLog", "erasures"}


async def test_an_erasure_leaves_a_receipt_and_an_entry_in_the_audit_log(api: Api, lived: tuple[str, str]) -> None:
    ada, bob = lived
    receipt = (await api.ask(ERASE, input={"contactId": ada}))["eraseContact"]["receipt"]
    assert receipt["actor"] == "first admin"
    stored = await api.database["erasures"].find_one()
    assert stored is not None
    assert to_global_id("ErasureReceipt", stored["_id"]) == receipt["id"]
    entry = await api.database["auditLog"].find_one({"action": "ERASED"})
    assert entry is not None
    assert (entry["actor"], from_global_id(ada)[1] in entry["contactIds"]) == ("first admin", True)
    assert from_global_id(bob)[1] not in entry["contactIds"]
    (again,) = await api.errors(ERASE, input={"contactId": ada})
    assert again["extensions"]["code"] == "NOT_FOUND"


async def test_events_after_an_erasure_are_those_of_a_new_visitor(api: Api, lived: tuple[str, str]) -> None:
    await api.ask(ERASE, input={"contactId": lived[0]})
    await api.happens(ADA.cookie)
    found = (await api.ask(VISITS, value=ADA.cookie))["contactByIdentifier"]
    assert found == {"type": "EPHEMERAL", "sessions": {"nodes": [{"eventCount": 1}]}}


@pytest.mark.parametrize(
    "identifier",
    [
        pytest.param({"type": "EMAIL", "value": " ADA@mail.example"}, id="e-mail"),
        pytest.param({"type": "PHONE", "value": "+41 44 333 44 51"}, id="telephone"),
        pytest.param({"type": "EXTERNAL_ID", "value": ADA.user}, id="external id"),
        pytest.param({"type": "COOKIE", "value": ADA.tablet}, id="cookie"),
    ],
)
async def test_people_are_erased_and_exported_by_what_they_are_known_by(
    identifier: Row, api: Api, lived: tuple[str, str]
) -> None:
    held = (await api.ask(EXPORT, input={"identifier": identifier}))["exportContact"]["json"]
    assert held == await exported(api, lived[0]) | {"auditLog": held["auditLog"], "exportedDate": held["exportedDate"]}
    await api.ask(ERASE, input={"identifier": identifier})
    assert speaking_of(await everything(api), *ADA.values) == {}


async def exported(api: Api, contact_id: str) -> Row:
    held: Row = (await api.ask(EXPORT, input={"contactId": contact_id}))["exportContact"]["json"]
    return held


async def test_an_export_has_everything_that_an_erasure_would_delete_and_the_audit_log(
    api: Api, lived: tuple[str, str]
) -> None:
    held = await exported(api, lived[0])
    assert [name for name in held if not isinstance(held[name], list)] == ["exportedDate", "contactId"]
    receipt = (await api.ask(ERASE, input={"contactId": lived[0]}))["eraseContact"]["receipt"]
    erased = {one["collection"]: one["count"] for one in receipt["counts"]}
    assert {
        name: len(rows) for name, rows in held.items() if isinstance(rows, list) and rows and name != "auditLog"
    } == erased
    assert {"MERGED", "LOOKED_AT", "EXPORTED"} <= {entry["action"] for entry in held["auditLog"]}
    assert {value for value in ADA.values if not speaking_of({("", ""): held}, value)} == set()
    assert speaking_of({("", ""): held}, *BOB.values) == {}
    assert all("_id" not in row and "searchKeys" not in row for row in held["contacts"])
    assert held["contacts"][0]["id"] == held["contactId"]
    times = [event["createdDate"] for event in held["events"] if event["customerId"] == ADA.cookie]
    assert times == sorted(times)
    assert times[0].endswith("Z")


async def test_an_export_is_told_of_by_the_audit_log(api: Api, lived: tuple[str, str]) -> None:
    await exported(api, lived[1])
    entry = await api.database["auditLog"].find_one({"action": "EXPORTED"})
    assert entry is not None
    assert (entry["actor"], from_global_id(lived[1])[1] in entry["contactIds"]) == ("first admin", True)


async def test_an_identifier_that_several_people_hold_erases_nobody(api: Api) -> None:
    for visitor in ("one", "two"):
        await api.happens(visitor, "identify", userId=f"user {visitor}", traits={"phone": ADA.phone})
    identifier = {"type": "PHONE", "value": ADA.phone}
    (error,) = await api.errors(ERASE, input={"identifier": identifier})
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("CONFLICT", "identifier")
    ids = error["message"].rpartition(": ")[2].rstrip(".").split(", ")
    assert {from_global_id(id_)[0] for id_ in ids} == {"Contact"}
    assert await api.database["contacts"].count_documents({}) == 2
    await api.ask(ERASE, input={"contactId": ids[0]})
    assert await api.database["contacts"].count_documents({}) == 1


REFUSED = [
    pytest.param({}, "BAD_USER_INPUT", "contactId", id="nobody named"),
    pytest.param(
        {"contactId": to_global_id("Contact", "x"), "identifier": {"type": "EMAIL", "value": "a@b.example"}},
        "BAD_USER_INPUT",
        "contactId",
        id="two named",
    ),
    pytest.param({"contactId": "?"}, "BAD_USER_INPUT", "contactId", id="no id"),
    pytest.param({"contactId": to_global_id("Session", "x")}, "BAD_USER_INPUT", "contactId", id="a session"),
    pytest.param({"contactId": to_global_id("Contact", "x")}, "NOT_FOUND", "contactId", id="nobody there"),
    pytest.param({"identifier": {"type": "EMAIL", "value": "a@b.example"}}, "NOT_FOUND", "identifier", id="nobody's"),
    pytest.param({"identifier": {"type": "EMAIL", "value": "no address"}}, "NOT_FOUND", "identifier", id="no address"),
]


@pytest.mark.parametrize("document", [ERASE, EXPORT], ids=["erase", "export"])
@pytest.mark.parametrize(("given", "code", "field"), REFUSED)
async def test_what_names_nobody_is_refused_and_leaves_nothing(
    document: str, given: Row, code: str, field: str, api: Api
) -> None:
    await api.happens("ada")
    before = await everything(api)
    (error,) = await api.errors(document, input=given)
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (code, field)
    after = await everything(api)
    assert {key for key in after.keys() ^ before.keys() if key[0] != BACKGROUND} == set()
