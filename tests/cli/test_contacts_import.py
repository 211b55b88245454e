"""`contacts import` and `contacts export`, as users run them."""

import csv
import json
from pathlib import Path

import pytest

from gateway.storage.database import Row
from tests.cli.workplace import Workplace

HEADINGS = "First name,Last name,E-mail,Phone,Company,Shoe size\n"
PEOPLE = (
    HEADINGS + "Ada,King,ada@shop.example,+41 44 668 18 00,Acme,38\n"
    "Bob,,bob@shop.example,,Acme,\n"
    ",Lovelace,ADA@shop.example,,,39\n"
    "Eve,,,,,\n"
    f"{'x' * 1001},,long@shop.example,,,\n"
)


async def contacts(workplace: Workplace) -> list[Row]:
    database = workplace.connection.database
    rows = await database["contacts"].find().sort("firstName").to_list()
    assert len({row["_id"] for row in rows}) == len(rows)
    return rows


def write(path: Path, text: str) -> None:
    path.write_text(text)


def names(directory: Path, pattern: str) -> list[str]:
    return [path.name for path in directory.glob(pattern)]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A file of five rows: two are one person, one is refused."""
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


async def test_a_table_is_imported_and_the_report_says_what_became_of_each_row(
    workplace: Workplace, people: Path
) -> None:
    done = await workplace.run("contacts", "import", people, "--map", "Shoe size=customFields.shoeSize")
    assert done.code == 0, done.errors
    assert "5 read: 3 created, 1 updated, 0 merged, 0 unchanged, 1 refused" in done.output
    assert "1 by Email" in done.output
    assert "refused   number 5: `contact.firstName` is 'xxxx" in done.output
    ada, bob, eve = await contacts(workplace)
    assert (ada["firstName"], ada["lastName"], ada["customFields"]) == ("Ada", "Lovelace", {"shoeSize": "39"})
    assert [held["value"] for held in ada["identifiers"]] == ["ada@shop.example", "+41446681800"]
    assert ada["externalOrganizationId"] == bob["externalOrganizationId"]
    assert eve["type"] == "CURATED"
    (organization,) = await workplace.connection.database["externalOrganizations"].find().to_list()
    assert organization["name"] == "Acme"
    (entry,) = await workplace.connection.database["auditLog"].find().to_list()
    assert (entry["action"], len(entry["contactIds"])) == ("IMPORTED", 3)
    heading, refused = list(csv.reader((people.parent / "people.csv.refused.csv").read_text().splitlines()))
    told = dict(zip(heading, refused, strict=True))
    assert told["E-mail"] == "long@shop.example"
    assert told["refused because"].startswith("`contact.firstName`")


async def test_importing_a_file_again_changes_nothing(workplace: Workplace, people: Path) -> None:
    write(people, HEADINGS + "Ada,King,ada@shop.example,+41446681800,Acme,\nEve,,,,,\n")
    await workplace.run("contacts", "import", people)
    before = await contacts(workplace)
    again = await workplace.run("contacts", "import", people)
    assert "2 read: 0 created, 0 updated, 0 merged, 2 unchanged, 0 refused" in again.output
    assert "not read  Shoe size" in again.output
    assert await contacts(workplace) == before


async def test_a_dry_run_and_a_preview_write_nothing(workplace: Workplace, people: Path) -> None:
    done = await workplace.run("contacts", "import", people, "--dry-run")
    assert "Nothing was written" in done.output
    assert "3 created, 1 updated, 0 merged, 0 unchanged, 1 refused" in done.output
    shown = await workplace.run("contacts", "import", people, "--preview")
    assert shown.code == 0, shown.errors
    assert "Ada" in shown.output
    assert "not read: Shoe size" in shown.output
    assert await contacts(workplace) == []
    assert names(people.parent, "people*") == ["people.csv"]


async def test_rows_that_point_to_two_contacts_are_doubtful_or_merged(workplace: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("first name,email,phone\nAda,ada@shop.example,\nKing,,+41446681800\n")
    await workplace.run("contacts", "import", path, "--match", "email,phone")
    path.write_text("title,email,phone\nDr.,ada@shop.example,+41446681800\n")
    doubtful = await workplace.run("contacts", "import", path, "--match", "email,phone", "--dry-run")
    assert "1 may be other customers as well" in doubtful.output
    merged = await workplace.run("contacts", "import", path, "--match", "email,phone", "--merge")
    assert "0 created, 0 updated, 1 merged" in merged.output
    rows = await contacts(workplace)
    (head,) = (row for row in rows if "ancestors" not in row)
    assert (len(rows), head["title"]) == (3, "Dr.")
    edge = await workplace.connection.database["identityEdges"].find_one()
    assert edge is not None
    assert (edge["rule"], edge["madeBy"]) == ("IMPORT", "command line")


async def test_contacts_of_the_former_product_are_imported_and_those_refused_can_be_mended(
    workplace: Workplace, tmp_path: Path
) -> None:
    path = tmp_path / "old.json"
    good = {"id": "g-1", "firstName": "Ada", "workEmail": "ada@shop.example", "mergeSet": [{"id": "g-2"}]}
    bad = {"id": "g-3", "firstName": 7, "workEmail": "bob@shop.example"}
    path.write_text(json.dumps([good, bad]))
    done = await workplace.run("contacts", "import", path)
    assert "2 read: 1 created, 0 updated, 0 merged, 0 unchanged, 1 refused" in done.output
    refused = tmp_path / "old.json.refused.ndjson"
    told = json.loads(refused.read_text())
    assert told["refused because"].startswith("`contact.firstName` is 7")
    refused.write_text(json.dumps({**told, "firstName": "Bob"}))
    mended = await workplace.run("contacts", "import", refused)
    assert "1 read: 1 created" in mended.output
    assert [row["firstName"] for row in await contacts(workplace)] == ["Ada", "Bob"]


@pytest.mark.parametrize("name", ["all.ndjson", "all.csv"])
async def test_importing_an_export_changes_nothing(workplace: Workplace, tmp_path: Path, name: str) -> None:
    old = tmp_path / "old.ndjson"
    told = [
        {
            "firstName": "=Ada",
            "lastName": "Ünal, 'the Great'\nsecond line",
            "address": {"city": "Bern", "countryCode": "CH"},
            "externalOrganization": {"name": "Acme"},
            "surveyOptOut": True,
            "externalSystemUrl": "https://crm.example/1",
            "customFields": {"tier": 1, "note": "x"},
            "identifiers": [
                {"type": "Email", "value": "ada@shop.example", "verified": True},
                {"type": "Email", "value": "ada@home.example"},
                {"type": "Phone", "value": "ask reception"},
                {"type": "ExternalId", "value": "line\nbreak"},
            ],
        },
        {"firstName": "Bob", "workEmail": "bob@shop.example", "title": "x"},
        {"firstName": "Rob", "personalEmail": "bob@home.example"},
    ]
    old.write_text("".join(json.dumps(one) + "\n" for one in told))
    await workplace.run("contacts", "import", old)
    both = {"workEmail": "bob@shop.example", "personalEmail": "bob@home.example"}
    old.write_text(json.dumps(both) + "\n")
    await workplace.run("contacts", "import", old, "--merge")
    database = workplace.connection.database
    # one that came by a visit, and is not kept for good
    changes = {"$set": {"type": "IDENTIFIED", "expiresDate": (await contacts(workplace))[0]["createdDate"]}}
    await database["contacts"].update_one({"firstName": "=Ada"}, changes)
    before = await contacts(workplace)
    exported = await workplace.run("contacts", "export", tmp_path / name)
    assert exported.output.startswith("contacts  2 exported"), exported.errors
    again = await workplace.run("contacts", "import", tmp_path / name)
    assert "2 read: 0 created, 0 updated, 0 merged, 2 unchanged, 0 refused" in again.output, again.output
    assert await contacts(workplace) == before
    assert names(tmp_path, "all*") == [name]


async def test_an_export_without_a_known_format_is_refused(workplace: Workplace, tmp_path: Path) -> None:
    done = await workplace.run("contacts", "export", tmp_path / "all.xml")
    assert (done.code, done.output) == (1, "")
    assert "all.xml tells no format" in done.errors


async def test_a_file_that_is_not_there_is_told_in_one_line(workplace: Workplace, tmp_path: Path) -> None:
    done = await workplace.run("contacts", "import", tmp_path / "none.csv")
    assert done.code == 1
    assert "none.csv cannot be read (No such file or directory)" in done.errors
    assert "Traceback" not in done.errors
