"""Collection `notes`: what somebody has written down about a contact or an external organization.

A note of a contact carries the contact's id, and is found by it: what is erased of a contact takes its notes along.
"""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Stored


class NoteDocument(Stored):
    """A stored note, about exactly one thing."""

    contact_id: str | None = None
    external_organization_id: str | None = None
    note_text: str
    created_by: str
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "notes"
        indexes: ClassVar = [
            IndexModel(
                [(subject, ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)],
                name=name,
                partialFilterExpression={subject: {"$exists": True}},
            )
            for subject, name in (("contactId", "contact"), ("externalOrganizationId", "organization"))
        ]
