from datetime import UTC, datetime

import pytest

from gateway.journey.errors import InvalidValue
from gateway.journey.relationship import MAX_RELATIONSHIP, changed_relationship, new_relationship

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOLD = {"externalOrganizationId": "o", "userId": "ada", "relationship": " Account Manager "}


def test_a_new_relationship_has_its_organization_user_and_text() -> None:
    assert new_relationship(TOLD, "n", NOON) | {"id": ...} == {
        "id": ...,
        "externalOrganizationId": "o",
        "userId": "ada",
        "relationship": "Account Manager",
        "createdDate": NOON,
        "modifiedDate": NOON,
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("userId", " ", id="nobody"),
        pytest.param("userId", "x" * 256, id="a user too long"),
        pytest.param("relationship", "", id="no text"),
        pytest.param("relationship", "x" * (MAX_RELATIONSHIP + 1), id="a text too long"),
        pytest.param("relationship", None, id="null"),
    ],
)
def test_what_a_relationship_cannot_be_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        new_relationship({**TOLD, field: value}, "n", NOON)
    assert refused.value.field == field


def test_a_change_is_of_the_text() -> None:
    assert changed_relationship({"relationship": "Sponsor"}, NOON) == {"relationship": "Sponsor", "modifiedDate": NOON}
    with pytest.raises(InvalidValue, match="`relationship` is null"):
        changed_relationship({"relationship": None}, NOON)
