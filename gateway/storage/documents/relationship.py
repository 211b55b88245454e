"""Collection `relationships`: which of our users has what to do with an external organization."""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Stored


class RelationshipDocument(Stored):
    """A stored relationship."""

    external_organization_id: str
    user_id: str
    relationship: str
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "relationships"
        indexes: ClassVar = [
            IndexModel(
                [("externalOrganizationId", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)],
                name="organization",
            ),
            IndexModel(
                [("externalOrganizationId", ASCENDING), ("userId", ASCENDING), ("relationship", ASCENDING)],
                name="once",
                unique=True,
            ),
        ]
