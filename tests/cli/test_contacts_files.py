"""What files of contacts tell: columns by their headings, objects of the former product, and what cannot be read."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.contact_columns import columns_of, guarded, told_by_row
from gateway.cli.contact_files import ReadContact, Reading, open_contacts
from gateway.cli.contact_requests import match_types
from gateway.cli.failures import CommandError
from gateway.cli.former_contacts import ExternalIds, told_by_object
from gateway.journey.errors import InvalidValue

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file, and return its path."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def read(path: Path, reading: Reading | None = None) -> list[ReadContact]:
    with open_contacts(path, reading or Reading()) as file:
        return list(file.contacts())


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("First Name", "firstName"),
        ("surname", "lastName"),
        ("E-Mail", "Email"),
        ("WORK_EMAIL", "Email"),
        ("Mobile Phone", "Phone"),
        ("Customer ID", "ExternalId"),
        ("Company", "organization"),
        ("zip", "address.postalCode"),
        ("City", "address.city"),
        ("refused because", None),
        ("shoe size", None),
    ],
)
def test_common_headings_are_known(heading: str, target: str | None) -> None:
    assert columns_of(["firstName", heading], {}).targets == ("firstName", target)


def test_a_heading_can_be_told_what_it_is_about() -> None:
    wanted = {"Shoe size": "customFields.shoeSize", "Name": "-", "Mail 2": "Email"}
    columns = columns_of(["Name", "Shoe size", "Mail 2", "Rest"], wanted)
    told = told_by_row(columns, ["Ada", " 38 ", "ada@shop.example", "x"])
    assert told == {
        "customFields": {"shoeSize": "38"},
        "identifiers": [{"type": "Email", "value": "ada@shop.example"}],
    }
    assert columns.unread == ("Rest",)


@pytest.mark.parametrize(
    ("headings", "wanted", "message"),
    [
        pytest.param(
            ["Name"], {"Nmae": "firstName"}, "--map names the column 'Nmae', but the columns are Name", id="typo"
        ),
        pytest.param(["Name"], {"Name": "given"}, "there is no 'given'; choose one of id, type", id="no such field"),
        pytest.param(["a", "b"], {}, "No column is known by its heading", id="nothing known"),
    ],
)
def test_columns_that_make_no_sense_are_refused(headings: list[str], wanted: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        columns_of(headings, wanted)


def test_a_cell_holds_several_identifiers_one_a_line_or_as_json() -> None:
    columns = columns_of(["Email", "ExternalId"], {})
    told = told_by_row(columns, ["a@x.example\nb@x.example", '["1", "[2"]'])
    assert told["identifiers"] == [
        {"type": "Email", "value": "a@x.example"},
        {"type": "Email", "value": "b@x.example"},
        {"type": "ExternalId", "value": "1"},
        {"type": "ExternalId", "value": "[2"},
    ]


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-1", "'=x", "''=x", "Ada", "'s", "+41446681800", "\tx", "+x"])
def test_no_spreadsheet_takes_a_cell_for_a_formula_and_we_read_what_it_was(text: str) -> None:
    cell = guarded(text)
    assert cell[0] not in "=@-\t" and not cell.startswith("+x")  # noqa: PT018 - one statement about one cell
    told = told_by_row(columns_of(["firstName"], {}), [cell])
    assert told["firstName"] == text.strip()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_with_its_own_delimiter_cells_of_several_lines_and_byte_order_mark(
    write: Write, delimiter: str
) -> None:
    text = f'\ufefffirst name{delimiter}email\r\nAda{delimiter}"a@x.example\nb@x.example"\r\n\r\nBob{delimiter}\r\n'
    ada, bob = read(write("c.csv", text))
    assert ada.told["firstName"] == "Ada"
    assert len(ada.told["identifiers"]) == 2  # type: ignore[arg-type]  # a list
    assert (bob.number, bob.told) == (2, {"firstName": "Bob"})


def test_gzip_is_read_as_what_is_in_it(write: Write) -> None:
    (ada,) = read(write("c.csv.gz", gzip.compress(b"first name\nAda\n")))
    assert ada.told == {"firstName": "Ada"}
    (bob,) = read(write("c.json.gz", gzip.compress(b'[{"firstName": "Bob"}]')))
    assert bob.told == {"firstName": "Bob"}


def test_another_encoding_is_read_when_it_is_told_and_told_from_utf_8(write: Write) -> None:
    path = write("c.csv", "first name\nJosé\n".encode("cp1252"))
    assert read(path)[0].told["firstName"] != "José"
    assert read(path, Reading(encoding="cp1252"))[0].told["firstName"] == "José"
    with pytest.raises(CommandError, match="--encoding 'klingon' is not known"):
        read(path, Reading(encoding="klingon"))


ADA = {"firstName": "Ada"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps([ADA, ADA]), id="array"),
        pytest.param(json.dumps([ADA, ADA], indent=2), id="indented array"),
        pytest.param(json.dumps({"entities": [ADA, ADA], "pageNumber": 1}), id="page of the former API"),
        pytest.param(json.dumps({"entities": [ADA, ADA]}, indent=2), id="indented page"),
        pytest.param(f"{json.dumps(ADA)}\n\n{json.dumps(ADA)}\n", id="an object a line"),
    ],
)
def test_json_is_read_in_every_form(write: Write, content: str) -> None:
    assert [contact.told for contact in read(write("c.json", content))] == [ADA, ADA]


def test_what_is_no_object_is_refused_and_the_others_are_read(write: Write) -> None:
    first, broken, number, last = read(write("c.ndjson", '{"firstName": "Ada"}\n{"x\n7\n{"firstName": "Bob"}\n'))
    assert (first.told, last.told) == ({"firstName": "Ada"}, {"firstName": "Bob"})
    assert (broken.problem or "").startswith("it is no JSON object")
    assert number.problem == "it is no object"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("[{]", "no JSON of contacts", id="a broken array"),
        pytest.param("[7", "no JSON of contacts", id="an array that breaks off"),
    ],
)
def test_a_file_of_no_contacts_is_refused(write: Write, content: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        read(write("c.json", content))


FORMER = {
    "id": "5c9b2e6e-0000-4000-8000-000000000001",
    "type": "Curated",
    "firstName": "Ada",
    "lastName": "King",
    "workPhone": {"display": "x", "userInput": "044 668 18 00", "e164": "+41446681800", "extension": 12},
    "cellPhone": {"userInput": "079 123 45 67", "normalizationCountryCode": "CH"},
    "homePhone": {"userInput": "ask the porter"},
    "workEmail": "Ada@Shop.Example",
    "personalEmail": "ada@home.example",
    "twitterId": {"id": "77", "name": "Ada", "screenName": "ada"},
    "lineId": {"displayName": "Ada", "ids": [{"userId": "line-1"}]},
    "whatsAppId": {"phoneNumber": {"e164": "+41791234567"}, "displayName": "Ada"},
    "facebookId": {"ids": [{"scopedId": "fb-1"}]},
    "instagramId": {"ids": [{"scopedId": "ig-1"}]},
    "appleOpaqueIds": [{"opaqueId": "a-1"}],
    "externalIds": [{"externalSource": {"id": "s1", "name": "CRM"}, "value": "1001"}],
    "identifiers": [{"type": "Cookie", "value": "v1"}, {"type": "Email", "value": "ada@home.example"}],
    "externalOrganization": {"id": "o1", "name": "Acme"},
    "address": {"address1": "Gasse 1", "city": "Bern", "state": None},
    "customFields": {"tier": 1},
    "surveyOptOut": False,
    "mergeSet": [{"id": "x"}],
    "schema": {"id": "y"},
    "modifyDate": "2026-01-01T00:00:00Z",
}


def test_a_contact_of_the_former_product_tells_everything_that_we_keep() -> None:
    told = told_by_object(FORMER, ExternalIds(None))
    identifiers = told.pop("identifiers")
    assert told == {
        "id": FORMER["id"],
        "type": "Curated",
        "firstName": "Ada",
        "lastName": "King",
        "organizationId": "o1",
        "organization": "Acme",
        "address": {"address1": "Gasse 1", "city": "Bern"},
        "customFields": {"tier": 1},
        "surveyOptOut": False,
    }
    assert isinstance(identifiers, list)
    assert {(one["type"], one["value"]) for one in identifiers} == {
        ("Phone", "+41446681800;ext=12"),
        ("Phone", "+41791234567"),
        ("Phone", "ask the porter"),
        ("Email", "Ada@Shop.Example"),
        ("Email", "ada@home.example"),
        ("SocialTwitter", "77"),
        ("SocialLine", "line-1"),
        ("SocialWhatsapp", "+41791234567"),
        ("SocialFacebook", "fb-1"),
        ("SocialInstagram", "ig-1"),
        ("AppleOpaqueId", "a-1"),
        ("ExternalId", "1001"),
    }


def test_external_ids_of_two_sources_are_not_mixed_unless_one_is_chosen() -> None:
    one = {"externalIds": [{"externalSource": {"name": "CRM"}, "value": "1"}]}
    other = {"externalIds": [{"externalSource": {"name": "ERP"}, "value": "1"}]}
    unsaid = ExternalIds(None)
    told_by_object(one, unsaid)
    with pytest.raises(InvalidValue, match="'ERP', but must be one source, such as 'CRM'"):
        told_by_object(other, unsaid)
    chosen = ExternalIds("ERP")
    assert told_by_object(one, chosen) == {}
    assert told_by_object(other, chosen)["identifiers"] == [{"type": "ExternalId", "value": "1"}]


def test_match_names_types_of_identifiers() -> None:
    assert match_types("email, phone,externalId") == ("Email", "Phone", "ExternalId")
    with pytest.raises(CommandError, match="--match names 'name'"):
        match_types("email,name")
