"""Collection `auditLog`: who did what with which contacts. How long it is kept, `gateway.storage.audit_log` says."""

from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Stored


class AuditEntryDocument(Stored):
    """A stored entry of the audit log."""

    date: datetime
    actor: str
    action: str
    contact_ids: list[str]
    details: dict[str, Any]

    class Settings:
        """Collection and indexes."""

        name = "auditLog"
        indexes: ClassVar = [
            IndexModel([("date", DESCENDING), ("_id", DESCENDING)], name="recorded"),
            IndexModel(
                [("contactIds", ASCENDING), ("date", DESCENDING), ("_id", DESCENDING)],
                name="ofContact",
            ),
        ]
