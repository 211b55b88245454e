"""Definitions as files hold them: found, refused by the field that is wrong, and written to be read again."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from gateway.journey.definition_fields import DEFAULT_COLOR, DefinitionKind
from gateway.journey.definition_record import DefinitionRecord, UnreadDefinition, read_definitions, written_definition

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CRITERION = {"key": "page.url", "values": ["/cart"], "operator": "containsAny", "shouldIgnoreCase": False}
JOURNEY = {"patterns": [{"criteria": [CRITERION], "count": 1, "streamType": "Web", "sessionType": "web"}]}
SEGMENT = {"displayName": "Shoppers", "journey": JOURNEY}
OUTCOME = {"displayName": "Order", "isPositive": True, "journey": {"patterns": [{"eventName": "order_completed"}]}}
EXTERNAL = {"id": "42", "name": "Loyal", "source": "Custom"}


def only(document: object) -> DefinitionRecord:
    (record,) = read_definitions(document)
    assert isinstance(record, DefinitionRecord), record
    return record


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(SEGMENT, ["segment Shoppers"], id="one definition"),
        pytest.param([SEGMENT, OUTCOME], ["segment Shoppers", "outcome Order"], id="a list"),
        pytest.param({"outcomes": [SEGMENT], "segments": []}, ["outcome Shoppers"], id="a list that tells the kind"),
        pytest.param({"entities": [SEGMENT, OUTCOME], "total": 2}, ["segment Shoppers", "outcome Order"], id="a page"),
        pytest.param([{"entities": [SEGMENT]}, OUTCOME], ["segment Shoppers", "outcome Order"], id="pages"),
        pytest.param(
            {**SEGMENT, "selfUri": "/api/v2/journey/outcomes/1"}, ["outcome Shoppers"], id="where it was kept tells"
        ),
        pytest.param({"segments": [], "outcomes": []}, [], id="an export of nothing"),
        pytest.param([], [], id="an empty list"),
    ],
)  # fmt: skip
def test_definitions_are_found_in_what_a_file_holds(document: object, expected: list[str]) -> None:
    found = [one for one in read_definitions(document) if isinstance(one, DefinitionRecord)]
    assert [f"{one.kind.value} {one.name}" for one in found] == expected


def test_what_a_file_leaves_out_or_tells_as_null_is_as_it_is_by_default() -> None:
    nothing = dict.fromkeys(("description", "isActive", "color", "scope", "shouldDisplayToAgent", "externalSegment"))
    record = only({**SEGMENT, **nothing, "id": None, "context": None, "assignmentExpirationDays": None})
    assert record == only(SEGMENT)
    told = {name: value for name, value in record.fields.items() if name not in {"context", "journey"}}
    assert told == {
        "displayName": "Shoppers",
        "isActive": True,
        "color": DEFAULT_COLOR,
        "scope": "Session",
        "shouldDisplayToAgent": True,
    }
    assert record.id is None


def test_an_outcome_that_asks_for_one_event_alone_is_stored_by_its_name() -> None:
    assert only(OUTCOME).fields == {
        "displayName": "Order", "isActive": True, "isPositive": True, "eventName": "order_completed",
    }  # fmt: skip


def test_an_external_segment_has_no_conditions_and_keeps_what_it_stands_for() -> None:
    told = {"displayName": "Loyal", "externalSegment": {**EXTERNAL, "selfUri": "/x"}, "journey": {"patterns": []}}
    fields = only(told).fields
    assert (fields["externalSegment"], fields["scope"]) == (EXTERNAL, "Customer")
    assert only({**told, "scope": "Session"}).fields["scope"] == "Session"
    assert not {"context", "journey"} & set(fields)


def test_events_are_named_as_they_are_stored_whatever_the_file_calls_them() -> None:
    patterns = [{"eventName": "Order Completed"}, {"criteria": [{"key": "eventName", "values": ["Product Added"]}]}]
    record = only({**SEGMENT, "description": "In\ntwo lines", "journey": {"patterns": patterns}})
    first, second = record.fields["journey"]["patterns"]  # type: ignore[index]  # as it is written
    assert (first["eventName"], second["criteria"][0]["values"]) == ("order_completed", ["product_added"])
    assert only({**OUTCOME, "journey": {"patterns": patterns[:1]}}).fields["eventName"] == "order_completed"


def test_a_definition_of_0_days_is_taken() -> None:
    assert only({**SEGMENT, "assignmentExpirationDays": 0}).fields["assignmentExpirationDays"] == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param({"displayName": None}, "displayName", id="no name"),
        pytest.param({"displayName": " "}, "displayName", id="a name of spaces"),
        pytest.param({"displayName": "x" * 201}, "displayName", id="a name too long"),
        pytest.param({"displayName": ["x"]}, "displayName", id="a name that is a list"),
        pytest.param({"displayName": "a\0b"}, "displayName", id="a name with NUL"),
        pytest.param({"displayName": "\x1b[2Jgone"}, "displayName", id="a name that clears the screen"),
        pytest.param({"displayName": "\ud800"}, "displayName", id="half a character"),
        pytest.param({"id": 7}, "id", id="an id that is a number"),
        pytest.param({"id": ""}, "id", id="an empty id"),
        pytest.param({"id": {"$gt": ""}}, "id", id="an id that is a query"),
        pytest.param({"id": "a b"}, "id", id="an id with a space"),
        pytest.param({"id": "a.b"}, "id", id="an id with a dot, which is a path in MongoDB"),
        pytest.param({"id": "x" * 101}, "id", id="an id too long"),
        pytest.param({"description": "x" * 2001}, "description", id="a description too long"),
        pytest.param({"description": "a\0b"}, "description", id="a description with NUL"),
        pytest.param({"scope": "Customer", "journey": {"patterns": [{"eventName": "a", "count": 0}]}},
                     "journey.patterns[0].count", id="never, of a customer"),
        pytest.param({"journey": {"patterns": [{"eventName": "?"}]}}, "journey.patterns[0].eventName", id="no event"),
        pytest.param({"isActive": 1}, "isActive", id="1 is not true"),
        pytest.param({"isActive": "true"}, "isActive", id="nor is a text"),
        pytest.param({"color": "#12345"}, "color", id="five digits"),
        pytest.param({"color": "red"}, "color", id="the name of a colour"),
        pytest.param({"color": "#123456\n"}, "color", id="a colour and more"),
        pytest.param({"scope": "session"}, "scope", id="a scope in small letters"),
        pytest.param({"scope": ["Session"]}, "scope", id="a list of scopes"),
        pytest.param({"assignmentExpirationDays": -1}, "assignmentExpirationDays", id="days that have passed"),
        pytest.param({"assignmentExpirationDays": True}, "assignmentExpirationDays", id="true is no number of days"),
        pytest.param({"assignmentExpirationDays": 1.0}, "assignmentExpirationDays", id="a number with a point"),
        pytest.param({"assignmentExpirationDays": 10**12}, "assignmentExpirationDays", id="beyond all calendars"),
        pytest.param({"externalSegment": "42"}, "externalSegment", id="an external segment that is a text"),
        pytest.param({"externalSegment": EXTERNAL}, "externalSegment", id="an external segment with conditions"),
        pytest.param({"externalSegment": {"id": "42"}}, "externalSegment.name", id="one without a name"),
        pytest.param({"externalSegment": {**EXTERNAL, "id": 42}}, "externalSegment.id", id="one whose id is a number"),
        pytest.param({"externalSegment": {**EXTERNAL, "source": "X"}}, "externalSegment.source", id="from elsewhere"),
        pytest.param({"journey": None}, "journey", id="no conditions"),
        pytest.param({"journey": {"patterns": [{"criteria": [{"key": "page.url"}]}]}},
                     "journey.patterns[0].criteria[0].values", id="conditions that make no sense"),
    ],
)  # fmt: skip
def test_a_segment_is_refused_by_the_name_of_the_field_that_is_wrong(fields: Mapping[str, object], field: str) -> None:
    (refused,) = read_definitions({"segments": [{**SEGMENT, **fields}]})
    assert isinstance(refused, UnreadDefinition)
    assert refused.reason.startswith(f"`{field}` is ")
    assert refused.name.isprintable()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param("attributes.total.value", "associatedValueField", id="a text"),
        pytest.param({"name": "attributes.total.value"}, "associatedValueField.dataType", id="no type"),
        pytest.param({"dataType": "String", "name": "attributes.a.value"}, "associatedValueField.dataType", id="text"),
        pytest.param({"dataType": "Number", "name": "total"}, "associatedValueField.name", id="no attribute"),
        pytest.param({"dataType": "Number", "name": "attributes..value"}, "associatedValueField.name", id="nameless"),
    ],
)  # fmt: skip
def test_what_an_outcome_is_worth_is_checked_in_depth(value: object, field: str) -> None:
    (refused,) = read_definitions({**OUTCOME, "associatedValueField": value})
    assert isinstance(refused, UnreadDefinition)
    assert refused.reason.startswith(f"`{field}` is ")


@pytest.mark.parametrize("document", [None, 7, "x", {}, [None], {"segments": None}, {"outcomes": {"a": 1}}, {"a": []}])
def test_what_is_no_definition_is_told_by_its_place(document: object) -> None:
    (refused,) = read_definitions(document)
    assert isinstance(refused, UnreadDefinition)
    assert refused.name == "number 1"


def test_what_is_wrong_with_one_keeps_none_of_the_others_from_being_read() -> None:
    names = [one.name for one in read_definitions([OUTCOME, {"displayName": "Empty"}, None, SEGMENT])]
    assert names == ["Order", "segment Empty", "number 3", "Shoppers"]


@pytest.mark.parametrize(
    ("second", "is_taken"),
    [
        pytest.param({**SEGMENT, "id": "b"}, False, id="of the same name"),
        pytest.param({**SEGMENT, "displayName": "Others", "id": "a"}, False, id="of the same id"),
        pytest.param({**OUTCOME, "id": "a"}, False, id="of another kind and the same id"),
        pytest.param({**OUTCOME, "displayName": "Shoppers"}, True, id="of another kind and the same name"),
    ],
)
def test_a_second_definition_in_a_file_has_a_name_and_an_id_of_its_own(
    second: Mapping[str, object], is_taken: bool
) -> None:
    _, other = read_definitions([{**SEGMENT, "id": "a"}, second])
    assert isinstance(other, DefinitionRecord) is is_taken


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({**SEGMENT, "description": "", "assignmentExpirationDays": 0, "color": "#AABBCC"}, id="a segment"),
        pytest.param({"displayName": "Loyal", "externalSegment": EXTERNAL}, id="an external segment"),
        pytest.param(OUTCOME, id="an outcome by the name of an event"),
        pytest.param({**OUTCOME, "journey": JOURNEY, "associatedValueField":
                      {"dataType": "Integer", "name": "attributes.total.value"}}, id="an outcome by conditions"),
    ],
)  # fmt: skip
def test_what_is_written_reads_the_same(told: Mapping[str, object]) -> None:
    record = only(told)
    row = {"_id": "d-1", **record.fields, "version": 3, "createdDate": NOON, "modifiedDate": NOON}
    written = written_definition(record.kind, row)
    assert (written["id"], written["version"], written["createdDate"]) == ("d-1", 3, "2026-05-01T12:00:00.000Z")
    assert only({f"{record.kind.value}s": [written]}) == DefinitionRecord(record.kind, "d-1", record.fields)


def test_kinds_are_told_by_fields_that_outcomes_alone_have() -> None:
    told = {**SEGMENT, "associatedValueField": {"dataType": "Number", "name": "attributes.total.value"}}
    assert only(told).kind is DefinitionKind.OUTCOME
