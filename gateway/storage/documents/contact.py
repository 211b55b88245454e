"""Collection `contacts`: customers, known or not.

Shard key: hashed `_id`. A visitor's contact is found by an id derived from the visitor, so intake asks one shard.
Ephemeral contacts, which most are, stay out of the index on `type`: a walk through all contacts meets them soon enough.
"""

from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.journey.consent import Consent, ConsentState
from gateway.journey.contact import CONTACT_FIELDS, Contact, ContactType, HeldIdentifier
from gateway.storage.database import Row
from gateway.storage.documents.external_organization import AddressPart
from gateway.storage.documents.fulfilment import (
    SegmentAssignmentPart,
    StoredProgress,
    assignment_rows,
    assignments_from,
    progress_from,
    progress_row,
)
from gateway.storage.documents.shape import Part, Stored, without_gaps
from gateway.storage.segment_members import MEMBERS

SEARCH_INDEX = "search"
SEARCH_INDEXES = [
    IndexModel(
        [("searchKeys", ASCENDING), ("searchPlace", ASCENDING)],
        name=SEARCH_INDEX,
        partialFilterExpression={"searchPlace": {"$exists": True}},
    )
]


class IdentifierPart(Part):
    """One way to recognise the customer. With `is_normalised` False `value` is what was typed, and matches nothing."""

    type: str
    value: str
    is_normalised: bool
    is_verified: bool
    source: str
    created_date: datetime
    last_seen_date: datetime


class ConsentPart(Part):
    """Whether the visitor allows to be recorded, and since when."""

    state: str
    date: datetime


class ContactDocument(Stored):
    """A stored contact.

    `ancestors` are the contacts that it was merged into, from its parent up to the root; a root has none.
    `edges_changed_date` is touched by every edge made or undone, so that two of them collide. `successor_id` is the
    contact that uses this one's cookie now. The search fields and `last_seen_date` are those of `contact_search_keys`.
    """

    type: str
    identifiers: list[IdentifierPart] = []
    first_name: str | None = None
    last_name: str | None = None
    middle_name: str | None = None
    salutation: str | None = None
    title: str | None = None
    address: AddressPart | None = None
    external_organization_id: str | None = None
    survey_opt_out: bool | None = None
    external_system_url: str | None = None
    custom_fields: dict[str, Any] = {}
    session_count: int
    division_sessions: dict[str, int] = {}
    created_date: datetime
    modified_date: datetime
    expires_date: datetime | None = None
    consent: ConsentPart | None = None
    ancestors: list[str] = []
    edges_changed_date: datetime | None = None
    successor_id: str | None = None
    search_words: list[str] = []
    search_keys: list[str] = []
    search_place: str | None = None
    last_seen_date: datetime | None = None
    division_ids: list[str] = []
    segment_assignments: list[SegmentAssignmentPart] = []
    progress: StoredProgress | None = None

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
            # In order of creation, as a careless script can give thousands of contacts the same identifier. Asked for
            # normal forms only: a value that has none is its own form of nothing, so it is never met.
            IndexModel(
                [
                    ("identifiers.type", ASCENDING),
                    ("identifiers.value", ASCENDING),
                    ("createdDate", ASCENDING),
                    ("_id", ASCENDING),
                ],
                name="holder",
            ),
            # sparse: most contacts are roots, and cost nothing here
            IndexModel([("ancestors", ASCENDING)], name="ancestors", sparse=True),
            IndexModel(
                [("externalOrganizationId", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)],
                name="external_organization",
                partialFilterExpression={"externalOrganizationId": {"$exists": True}},
            ),
            # Roots that may expire, for the sweep. Equal to null stands for absent, which partial indexes cannot say.
            IndexModel(
                [("expiresDate", ASCENDING), ("_id", ASCENDING)],
                name="expiry",
                partialFilterExpression={
                    "ancestors": None,
                    "type": {"$in": [ContactType.EPHEMERAL.value, ContactType.IDENTIFIED.value]},
                },
            ),
            IndexModel(
                [("divisionIds", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)],
                name="division",
                partialFilterExpression={"divisionIds": {"$exists": True}},
            ),
            MEMBERS,
            *SEARCH_INDEXES,
        ]


def contact_row(contact: Contact) -> Row:
    """Return the contact as it is stored, without its place in the forest and its search fields.

    Those belong to the edges and to the search: writing them here would undo what was done in between.
    """
    return without_gaps(
        (
            ("_id", contact.id),
            ("type", contact.type.value),
            ("identifiers", [identifier_row(identifier) for identifier in contact.identifiers]),
            ("sessionCount", contact.session_count),
            ("divisionSessions", dict(contact.division_sessions)),
            ("createdDate", contact.created_date),
            ("modifiedDate", contact.modified_date),
            ("expiresDate", contact.expires_date),
            ("successorId", contact.successor_id),
            ("consent", _consent_row(contact.consent)),
            ("divisionIds", list(contact.division_ids)),
            ("segmentAssignments", assignment_rows(contact.segment_assignments)),
            ("progress", progress_row(contact.progress)),
            *contact.fields.items(),
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
        identifiers=tuple(identifier_from(held) for held in row.get("identifiers", ())),
        fields={name: row[name] for name in CONTACT_FIELDS if name in row},
        session_count=row["sessionCount"],
        division_sessions=row.get("divisionSessions", {}),
        ancestors=tuple(row.get("ancestors", ())),
        successor_id=row.get("successorId"),
        consent=_consent(row.get("consent")),
        last_seen_date=row.get("lastSeenDate"),
        division_ids=tuple(row.get("divisionIds", ())),
        segment_assignments=assignments_from(row),
        progress=progress_from(row),
        has_had_edges="edgesChangedDate" in row,
    )


def identifier_row(identifier: HeldIdentifier) -> Row:
    """Return an identifier as its contact stores it."""
    return {
        "type": identifier.type,
        "value": identifier.value,
        "isNormalised": identifier.is_normalised,
        "isVerified": identifier.is_verified,
        "source": identifier.source,
        "createdDate": identifier.created_date,
        "lastSeenDate": identifier.last_seen_date,
    }


def identifier_from(row: Row) -> HeldIdentifier:
    """Return the identifier that is stored so."""
    return HeldIdentifier(
        type=row["type"],
        value=row["value"],
        is_normalised=row["isNormalised"],
        is_verified=row["isVerified"],
        source=row["source"],
        created_date=row["createdDate"],
        last_seen_date=row["lastSeenDate"],
    )


def _consent_row(consent: Consent | None) -> Row | None:
    return None if consent is None else {"state": consent.state.value, "date": consent.date}


def _consent(row: Row | None) -> Consent | None:
    return None if row is None else Consent(ConsentState(row["state"]), row["date"])
