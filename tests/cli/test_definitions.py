"""`journey-gateway definitions`: what the former product's API answered comes in unchanged, and goes out again."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli.definitions import definitions
from tests.cli.workplace import Workplace

FORMER_SEGMENTS = {
    "entities": [
        {
            "id": "6b2f4e0e-6a5f-4f63-9a55-0d2f1c7d8f10",
            "isActive": True,
            "displayName": "Returning from the newsletter",
            "version": 4,
            "description": "Came by the newsletter, and looked for warranty",
            "color": "#008A00",
            "scope": "Session",
            "shouldDisplayToAgent": True,
            "context": {
                "patterns": [
                    {
                        "criteria": [
                            {
                                "key": "mktCampaign.source",
                                "values": ["newsletter"],
                                "shouldIgnoreCase": True,
                                "operator": "equal",
                                "entityType": "visit",
                            }
                        ]
                    }
                ]
            },
            "journey": {
                "patterns": [
                    {
                        "criteria": [
                            {"key": "searchQuery", "values": ["warranty"], "shouldIgnoreCase": True, "operator": "like"}
                        ],
                        "count": 2,
                        "streamType": "Web",
                        "sessionType": "web",
                        "eventName": "search_performed",
                    }
                ]
            },
            "assignmentExpirationDays": 30,
            "selfUri": "/api/v2/journey/segments/6b2f4e0e-6a5f-4f63-9a55-0d2f1c7d8f10",
            "createdDate": "2024-03-05T09:30:00Z",
            "modifiedDate": "2025-11-20T16:01:12.345Z",
        }
    ],
    "pageSize": 25,
    "pageNumber": 1,
    "total": 1,
    "firstUri": "/api/v2/journey/segments?pageSize=25&pageNumber=1",
    "selfUri": "/api/v2/journey/segments?pageSize=25&pageNumber=1",
    "pageCount": 1,
}
FORMER_OUTCOME = {
    "id": "0f3f7a52-31c2-4d7a-9b43-7e5de0a1c001",
    "isActive": True,
    "displayName": "Payment",
    "version": 2,
    "isPositive": True,
    "context": {"patterns": []},
    "journey": {
        "patterns": [
            {
                "criteria": [
                    {
                        "key": "page.url",
                        "values": ["/paymentSuccessful"],
                        "shouldIgnoreCase": False,
                        "operator": "containsAny",
                    }
                ],
                "count": 1,
                "streamType": "Web",
                "sessionType": "web",
            }
        ]
    },
    "associatedValueField": {"dataType": "Number", "name": "attributes.total.value"},
    "selfUri": "/api/v2/journey/outcomes/0f3f7a52-31c2-4d7a-9b43-7e5de0a1c001",
    "createdDate": "2024-03-05T09:30:00Z",
    "modifiedDate": "2024-03-05T09:30:00Z",
}
KINDS = ("segments", "outcomes")


@pytest.fixture
def former(tmp_path: Path) -> Path:
    return written(tmp_path / "former.json", [FORMER_SEGMENTS, FORMER_OUTCOME])


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


async def stored(workplace: Workplace) -> dict[str, list[dict[str, Any]]]:  # rows
    return {kind: (await workplace.contents()).get(kind, []) for kind in KINDS}


def without(rows: Sequence[Mapping[str, object]], *names: str) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


async def test_definitions_of_the_former_product_come_in_unchanged(workplace: Workplace, former: Path) -> None:
    done = await workplace.run("definitions", "import", former)
    assert done.code == 0, done.errors
    assert done.output.splitlines() == [
        "created    segment Returning from the newsletter",
        "created    outcome Payment",
        "2 definitions: 2 created, 0 changed, 0 unchanged, 0 refused",
    ]
    rows = await stored(workplace)
    (segment,), (outcome,) = rows["segments"], rows["outcomes"]
    told = FORMER_SEGMENTS["entities"][0]  # type: ignore[index]  # an answer of JSON
    assert segment["_id"] == told["id"]
    assert segment["color"] == "#008a00"
    assert segment["context"] == told["context"]
    asked = segment["journey"]["patterns"][0]
    assert (asked["count"], asked["eventName"], asked["criteria"][0]["operator"]) == (
        2, "search_performed", "containsAny",
    )  # fmt: skip
    same = ("displayName", "description", "scope", "shouldDisplayToAgent", "isActive", "assignmentExpirationDays")
    assert {name: segment[name] for name in same} == {name: told[name] for name in same}
    same = ("displayName", "isActive", "isPositive", "context", "journey", "associatedValueField")
    assert {name: outcome[name] for name in same} == {name: FORMER_OUTCOME[name] for name in same}


async def test_importing_again_changes_nothing(workplace: Workplace, former: Path) -> None:
    await workplace.run("definitions", "import", former)
    before = await workplace.contents()
    again = await workplace.run("definitions", "import", former)
    assert (again.code, again.output.splitlines()[-1]) == (
        0, "2 definitions: 0 created, 0 changed, 2 unchanged, 0 refused",
    )  # fmt: skip
    assert await workplace.contents() == before


async def test_what_has_changed_becomes_as_the_file_says(workplace: Workplace, former: Path, tmp_path: Path) -> None:
    await workplace.run("definitions", "import", former)
    bare = {name: FORMER_OUTCOME[name] for name in ("displayName", "journey", "isPositive")}
    done = await workplace.run("definitions", "import", written(tmp_path / "changed.json", bare))
    assert done.output.splitlines()[0] == "changed    outcome Payment"
    (outcome,) = (await stored(workplace))["outcomes"]
    assert (outcome["_id"], outcome["version"]) == (FORMER_OUTCOME["id"], 2)
    assert "associatedValueField" not in outcome


async def test_a_dry_run_says_what_would_be_done_and_stores_nothing(workplace: Workplace, former: Path) -> None:
    done = await workplace.run("definitions", "import", former, "--dry-run")
    assert (done.code, done.output.splitlines()[-1]) == (
        0, "2 definitions: 2 created, 0 changed, 0 unchanged, 0 refused (dry run: nothing was stored)",
    )  # fmt: skip
    assert await stored(workplace) == {"segments": [], "outcomes": []}


@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["import", "dry run"])
async def test_what_is_refused_keeps_none_of_the_others_and_is_told_with_its_reason(
    options: list[str], workplace: Workplace, former: Path, tmp_path: Path
) -> None:
    await workplace.run("definitions", "import", former)
    others = [
        {**FORMER_OUTCOME, "id": "o-2", "displayName": "\x1b[31mRed", "isActive": True},
        {**FORMER_OUTCOME, "id": FORMER_SEGMENTS["entities"][0]["id"], "displayName": "Id of a segment"},  # type: ignore[index]
        {**FORMER_OUTCOME, "id": "o-4", "displayName": "Refund", "isPositive": False},
        {**FORMER_OUTCOME, "id": "o-4", "displayName": "Refund again"},
    ]
    done = await workplace.run("definitions", "import", written(tmp_path / "others.json", others), *options)
    assert done.code == 1
    lines = done.output.splitlines()
    assert lines[0].startswith("refused    outcome ?[31mRed: `displayName` is ")
    assert lines[1].startswith("refused    outcome Id of a segment: A definition of another kind has the id ")
    assert lines[2] == "created    outcome Refund"
    assert lines[3].startswith("refused    outcome Refund again: `id` is 'o-4', but must be ")
    assert lines[4].startswith("4 definitions: 1 created, 0 changed, 0 unchanged, 3 refused")
    names = [row["displayName"] for row in (await stored(workplace))["outcomes"]]
    assert names == ["Payment"] + ["Refund"] * (not options)


async def test_a_name_that_another_definition_has_is_refused(
    workplace: Workplace, former: Path, tmp_path: Path
) -> None:
    refund = {**FORMER_OUTCOME, "id": "o-2", "displayName": "Refund"}
    await workplace.run("definitions", "import", former)
    await workplace.run("definitions", "import", written(tmp_path / "refund.json", refund))
    renamed = {**refund, "displayName": "Payment"}
    done = await workplace.run("definitions", "import", written(tmp_path / "renamed.json", renamed))
    assert done.code == 1
    reason = f"Another outcome, with the id {FORMER_OUTCOME['id']}, has this displayName: rename one of the two."
    assert done.output.splitlines()[0] == f"refused    outcome Payment: {reason}"


async def test_an_export_comes_into_an_empty_database_as_it_was(
    workplace: Workplace, former: Path, tmp_path: Path
) -> None:
    event_alone = {
        "displayName": "Order",
        "isPositive": True,
        "journey": {"patterns": [{"eventName": "order_completed"}]},
    }
    loyal = {"displayName": "Loyal", "externalSegment": {"id": "42", "name": "Loyal", "source": "Custom"}}
    await workplace.run("definitions", "import", former)
    await workplace.run("definitions", "import", written(tmp_path / "more.json", [event_alone, loyal]))
    before = await stored(workplace)
    file = tmp_path / "export.json"
    done = await workplace.run("definitions", "export", file)
    assert (done.code, done.output) == (0, f"2 segments and 2 outcomes are in {file}.\n")
    again = await workplace.run("definitions", "import", file)
    assert again.output.splitlines()[-1] == "4 definitions: 0 created, 0 changed, 4 unchanged, 0 refused"
    for kind in KINDS:
        await workplace.connection.database[kind].delete_many({})
    await workplace.run("definitions", "import", file)
    dates = ("createdDate", "modifiedDate")
    for kind in KINDS:
        after = (await stored(workplace))[kind]
        assert without(after, *dates) == without(before[kind], *dates)


async def test_an_export_is_printed_unless_a_file_is_given(workplace: Workplace) -> None:
    done = await workplace.run("definitions", "export")
    assert (done.code, json.loads(done.output)) == (0, {"segments": [], "outcomes": []})


async def test_thousands_of_definitions_come_in_at_once(workplace: Workplace, tmp_path: Path) -> None:
    many = [{**FORMER_OUTCOME, "id": f"o-{number}", "displayName": f"Payment {number}"} for number in range(1_200)]
    done = await workplace.run("definitions", "import", written(tmp_path / "many.json", many))
    assert done.output.splitlines()[-1] == "1,200 definitions: 1,200 created, 0 changed, 0 unchanged, 0 refused"
    assert await workplace.connection.database["outcomes"].count_documents({}) == 1_200


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "cannot be read (No such file or directory): name a file of definitions.", id="no file"),
        pytest.param(b"\x80\x00", "is no JSON (", id="bytes"),
        pytest.param(b"", "is no JSON (", id="an empty file"),
        pytest.param(b"[" * 100_000, "is no JSON (", id="brackets"),
        pytest.param(b'[{"displayName": "\\ud800"}]', "is no JSON (", id="half a character"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(content: bytes | None, told: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.json"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(definitions, ["import", str(file)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"journey-gateway: {file} {told}")
    assert len(done.stderr.splitlines()) == 1
