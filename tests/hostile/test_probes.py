"""What nobody should send is refused in words that say why, costs little, and harms nobody else."""

import pytest

from tests.hostile.conftest import Target, bearer
from tests.hostile.probes import HARMLESS, JSON, PROBES, Probe, asked

NEVER_TOLD = ("Traceback", "Did you mean", 'File "', "pymongo", "strawberry", "graphql.error", " object at 0x")


@pytest.mark.parametrize("probe", [pytest.param(probe, id=probe.name) for probe in PROBES])
def test_it_is_refused_with_a_clear_error(target: Target, probe: Probe) -> None:
    headers = {**probe.headers, **(bearer(probe.holder) if probe.holder else {})}
    query = f"?{probe.query_string}" if probe.query_string else ""
    answer = target.client.request(probe.method, f"/graphql{query}", content=probe.body, headers=headers)
    assert answer.status_code in probe.statuses, answer.text
    if probe.method != "HEAD":
        errors = answer.json()["errors"]
        assert {error["extensions"]["code"] for error in errors} <= probe.codes, answer.text
        assert all(error["message"] for error in errors)
        forbidden = [error for error in errors if error["extensions"]["code"] == "FORBIDDEN"]
        assert all(error["extensions"]["permission"] in error["message"] for error in forbidden), answer.text
        assert probe.says in answer.text
        assert "data" not in answer.json() or not any((answer.json()["data"] or {}).values())
    assert not [word for word in NEVER_TOLD if word in answer.text]
    assert target.is_up()


@pytest.mark.parametrize("document", [pytest.param(document, id=name) for name, document in HARMLESS.items()])
def test_what_only_looks_hostile_is_plain_data(target: Target, document: str) -> None:
    answer = target.client.post("/graphql", content=asked(document), headers={"Content-Type": JSON, **bearer("admin")})
    assert answer.status_code < 500
    body = answer.json()
    codes = {error["extensions"]["code"] for error in body.get("errors", ())}
    assert codes <= {"BAD_USER_INPUT", "LIMIT_EXCEEDED", "NOT_FOUND"}, answer.text
    found = [value for value in (body.get("data") or {}).values() if value not in (None, {"nodes": []})]
    assert not found


def test_none_of_it_surprised_the_server(target: Target) -> None:
    """After all that came before in this module, and also when run alone."""
    assert target.is_up()
    assert target.complaints() == []
