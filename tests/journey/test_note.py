from datetime import UTC, datetime

import pytest

from gateway.journey.errors import InvalidValue
from gateway.journey.note import MAX_NOTE, changed_note, new_note

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_note_is_attributed_and_about_one_thing() -> None:
    assert new_note({"contactId": "c", "externalOrganizationId": None}, " Likes tea. ", "Bob", "n", NOON) | {
        "id": ...
    } == {
        "id": ...,
        "contactId": "c",
        "noteText": "Likes tea.",
        "createdBy": "Bob",
        "createdDate": NOON,
        "modifiedDate": NOON,
    }


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"contactId": "c", "externalOrganizationId": "o"}, id="two things"),
    ],
)
def test_a_note_about_nothing_or_two_things_is_refused(subject: dict[str, str | None]) -> None:
    with pytest.raises(InvalidValue, match=r"`contactId` is .* or else `externalOrganizationId`, and not both"):
        new_note(subject, "x", "Bob", "n", NOON)


@pytest.mark.parametrize("length", [0, MAX_NOTE + 1])
def test_a_text_has_1_to_32000_characters(length: int) -> None:
    with pytest.raises(InvalidValue, match=r"`noteText` .* 1 to 32,000 characters"):
        changed_note("x" * length, NOON)
    assert changed_note("x" * MAX_NOTE, NOON) == {"noteText": "x" * MAX_NOTE, "modifiedDate": NOON}
