"""The audit log: what is noted of those who look at contacts, and how it is read."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.graph.node import to_global_id
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from tests.graph.conftest import Api
from tests.graph.socket_client import acknowledged
from tests.running_server import until

LOG = """query($contact: ID, $first: Int, $after: String) {
    auditLog(contactId: $contact, first: $first, after: $after) {
        nodes { id date actor action contactIds details } pageInfo { hasNextPage endCursor } } }"""


async def contact_id(api: Api) -> str:
    """Have somebody visit, and return the id of their contact."""
    await api.happens("ada", ago=5)
    contacts = await api.ask("{ contacts { nodes { id } } }")
    found: str = contacts["contacts"]["nodes"][0]["id"]
    return found


async def logged(api: Api, **variables: object) -> list[dict[str, Any]]:
    """Return the nodes of the audit log."""
    nodes: list[dict[str, Any]] = (await api.ask(LOG, **variables))["auditLog"]["nodes"]
    return nodes


LOOKS = [
    pytest.param("query($id: ID!) { contact(id: $id) { id } }", id="contact"),
    pytest.param("query($id: ID!) { node(id: $id) { id } }", id="node"),
    pytest.param("query($id: ID!) { journey(contactId: $id) { contact { id } } }", id="journey"),
    pytest.param('{ contactByIdentifier(type: COOKIE, value: "ada") { id } }', id="contact by identifier"),
]


@pytest.mark.parametrize("document", LOOKS)
async def test_a_look_at_a_contact_is_noted_once(api: Api, document: str) -> None:
    contact = await contact_id(api)
    for _ in range(3):
        await api.ask(document, **({"id": contact} if "$id" in document else {}))
    await until(lambda: logged(api))
    (entry,) = await logged(api, contact=contact)
    assert (entry["actor"], entry["action"], entry["contactIds"]) == ("first admin", "LOOKED_AT", [contact])


async def test_whoever_follows_a_journey_looks_at_the_contact(api: Api) -> None:
    contact, nobody = await contact_id(api), to_global_id("Contact", "nobody")
    async with acknowledged(api.app) as socket:
        for number, id_ in enumerate((nobody, contact)):
            follow = {
                "query": "subscription($id: ID!) { journey(contactId: $id) { cursor } }",
                "variables": {"id": id_},
            }
            await socket.send(id=str(number), type="subscribe", payload=follow)
        await until(lambda: logged(api))
    assert [(entry["action"], entry["contactIds"]) for entry in await logged(api)] == [("LOOKED_AT", [contact])]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("query($id: ID!) { contact(id: $id) { id } }", id="contact"),
        pytest.param("query($id: ID!) { journey(contactId: $id) { contact { id } } }", id="journey"),
        pytest.param("query { contacts { nodes { id } } }", id="a list"),
    ],
)
async def test_what_shows_nobody_is_not_noted(api: Api, document: str) -> None:
    contact = await contact_id(api)
    nobody = to_global_id("Contact", "nobody")
    await api.ask(document, **({"id": nobody} if "$id" in document else {}))
    await api.ask("query($id: ID!) { contact(id: $id) { id } }", id=contact)
    await until(lambda: logged(api))
    assert [entry["contactIds"] for entry in await logged(api)] == [[contact]]


async def test_the_log_is_read_page_by_page_latest_first_and_by_contact(api: Api) -> None:
    for number in range(5):
        contacts = ("c1", "c2") if number % 2 else ("c2",)
        date = api.started - timedelta(minutes=number)
        await record(api.database, AuditEntry(date, "Ada", AuditAction.MERGED, contacts, {"number": number}))
    seen, after = [], None
    while True:
        page = (await api.ask(LOG, first=2, after=after))["auditLog"]
        seen += [node["details"]["number"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [0, 1, 2, 3, 4]
    about = await logged(api, contact=to_global_id("Contact", "c1"))
    assert [entry["details"]["number"] for entry in about] == [1, 3]
    assert about[0]["contactIds"] == [to_global_id("Contact", "c1"), to_global_id("Contact", "c2")]
    assert about[0]["action"] == "MERGED"
