"""Collection `contacts`: customers, known or not.

Shard key: hashed `_id`. A visitor's contact is found by an id derived from the visitor, so intake asks one shard.
Ephemeral contacts, which most are, stay out of the index on `type`: a walk through all contacts meets them soon enough.
"""

from datetime import datetime
from typing import ClassVar, cast

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.journey.contact import Contact, ContactType
from gateway.journey.event import Identifier
from gateway.storage.database import Row
from gateway.storage.documents.shape import Part, Stored, without_gaps

NAME_FIELDS = ("firstName", "lastName", "middleName", "salutation", "title")


class IdentifierPart(Part):
    """One way to recognise the customer."""

    type: str
    value: str
    verified: bool
    created_date: datetime


class ContactDocument(Stored):
    """A stored contact."""

    type: str
    identifiers: list[IdentifierPart] = []
    first_name: str | None = None
    last_name: str | None = None
    middle_name: str | None = None
    salutation: str | None = None
    title: str | None = None
    session_count: int
    created_date: datetime
    modified_date: datetime
    expires_date: datetime | None = None

    class Settings:
        """Collection and indexes."""

        name = "contacts"
        indexes: ClassVar = [
            IndexModel([("createdDate", ASCENDING), ("_id", ASCENDING)], name="created"),
            IndexModel(
                [("type", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)],
                name="known",
                partialFilterExpression={"type": {"$in": [ContactType.IDENTIFIED.value, ContactType.CURATED.value]}},
            ),
            # in order of creation, as a careless script can give thousands of contacts the same identifier
            IndexModel(
                [
                    ("identifiers.type", ASCENDING),
                    ("identifiers.value", ASCENDING),
                    ("createdDate", ASCENDING),
                    ("_id", ASCENDING),
                ],
                name="holder",
            ),
        ]


def contact_row(contact: Contact) -> Row:
    """Return the contact as it is stored."""
    identifiers = [
        {"type": i.type, "value": i.value, "verified": i.verified, "createdDate": date}
        for i, date in contact.identifiers
    ]
    return without_gaps(
        (
            ("_id", contact.id),
            ("type", contact.type.value),
            ("identifiers", identifiers),
            ("sessionCount", contact.session_count),
            ("createdDate", contact.created_date),
            ("modifiedDate", contact.modified_date),
            ("expiresDate", contact.expires_date),
            *contact.names.items(),
        )
    )


def contact_from(row: Row) -> Contact:
    """Return the contact that is stored so."""
    return Contact(
        id=row["_id"],
        created_date=row["createdDate"],
        modified_date=row["modifiedDate"],
        expires_date=row.get("expiresDate"),
        type=ContactType(row["type"]),
        identifiers=tuple(_identifier(i) for i in row.get("identifiers", ())),
        names={name: row[name] for name in NAME_FIELDS if name in row},
        session_count=row["sessionCount"],
    )


def _identifier(row: Row) -> tuple[Identifier, datetime]:
    return Identifier(row["type"], row["value"], verified=row["verified"]), cast("datetime", row["createdDate"])
