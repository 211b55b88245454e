"""Relationships: which of our users has what to do with an external organization, such as its account manager."""

from collections.abc import Mapping
from datetime import datetime

from gateway.journey.field_limits import Check, text
from gateway.journey.ids import derive_id
from gateway.journey.record import changed_fields, new_record

MAX_RELATIONSHIP = 100
MAX_USER_ID = 255
RELATIONSHIP_FIELDS: Mapping[str, Check] = {
    "externalOrganizationId": text(MAX_USER_ID),
    "userId": text(MAX_USER_ID),
    "relationship": text(MAX_RELATIONSHIP),
}
"""The fields of a relationship, and the check of each."""


def new_relationship(told: Mapping[str, object], nonce: str, now: datetime) -> dict[str, object]:
    """Return a new relationship as it is kept.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    fields = new_record(RELATIONSHIP_FIELDS, tuple(RELATIONSHIP_FIELDS), told)
    return {"id": derive_id("relationship", nonce), **fields, "createdDate": now, "modifiedDate": now}


def changed_relationship(told: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return the fields of a relationship that change; its organization and its user stay what they are.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    return {**changed_fields(RELATIONSHIP_FIELDS, tuple(RELATIONSHIP_FIELDS), told), "modifiedDate": now}
