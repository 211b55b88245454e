"""Collection `sessionLinks`: sessions that somebody moved, with their events, to another contact; also back again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.journey.identity_path import SessionLink
from gateway.storage.database import Row
from gateway.storage.documents.shape import Stored, without_gaps


class SessionLinkDocument(Stored):
    """A stored move of one session. `former_contact_id` is the visitor's own contact, to which it can go back."""

    session_id: str
    contact_id: str
    former_contact_id: str
    made_by: str
    made_date: datetime
    undone_by: str | None = None
    undone_date: datetime | None = None

    class Settings:
        """Collection and indexes."""

        name = "sessionLinks"
        indexes: ClassVar = [
            IndexModel([("sessionId", ASCENDING), ("madeDate", ASCENDING)], name="session"),
            IndexModel([("contactId", ASCENDING)], name="contact"),
            IndexModel([("formerContactId", ASCENDING)], name="former_contact"),
        ]


def session_link_row(link: SessionLink) -> Row:
    """Return the link as it is stored."""
    return without_gaps(
        (
            ("_id", link.id),
            ("sessionId", link.session_id),
            ("contactId", link.contact_id),
            ("formerContactId", link.former_contact_id),
            ("madeBy", link.made_by),
            ("madeDate", link.made_date),
            ("undoneBy", link.undone_by),
            ("undoneDate", link.undone_date),
        )
    )


def session_link_from(row: Mapping[str, Any]) -> SessionLink:
    """Return the link that is stored so."""
    return SessionLink(
        id=row["_id"],
        session_id=row["sessionId"],
        contact_id=row["contactId"],
        former_contact_id=row["formerContactId"],
        made_by=row["madeBy"],
        made_date=row["madeDate"],
        undone_by=row.get("undoneBy"),
        undone_date=row.get("undoneDate"),
    )
