"""`journey-gateway contacts export-person`: what is held of a person is written out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of
from tests.cli.test_expire import visit
from tests.cli.workplace import Workplace

WriteCalls = Callable[..., Path]
ADA = contact_id_of("cookie", "ada")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param((ADA,), id="stored id"),
        pytest.param((to_global_id("Contact", ADA),), id="id as GraphQL shows it"),
        pytest.param(("--email", "ADA@mail.example"), id="e-mail"),
    ],
)
async def test_a_person_is_exported_as_one_json_object(
    given: tuple[str, ...], workplace: Workplace, write_calls: WriteCalls
) -> None:
    await workplace.run("import", write_calls(*visit("ada", 1), *visit("bob", 1)))
    told = await workplace.run("contacts", "export-person", *given)
    assert told.code == 0, told.errors
    held = json.loads(told.output)
    assert (held["contactId"], held["contacts"][0]["firstName"]) == (ADA, "Ada")
    assert [event["messageId"] for event in held["events"]] == ["ada-1", "ada-2"]
    assert held["notes"] == []
    assert "bob" not in told.output
    entry = await workplace.connection.database["auditLog"].find_one({"action": "EXPORTED"})
    assert entry is not None
    assert entry["contactIds"] == [ADA]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param((), "Give either the id of a contact or --email", id="nobody named"),
        pytest.param(("x", "--email", "a@b.example"), "Give either the id of a contact or --email", id="two named"),
        pytest.param(("x",), "There is no contact with the id 'x'", id="no such contact"),
        pytest.param(("--email", "a@b.example"), "no contact holds this address", id="nobody's address"),
    ],
)
async def test_an_export_of_nobody_fails_in_one_line(given: tuple[str, ...], told: str, workplace: Workplace) -> None:
    ended = await workplace.run("contacts", "export-person", *given)
    assert (ended.code, ended.output) == (1, "")
    assert told in ended.errors
    assert len(ended.errors.splitlines()) == 1
