"""Collection `externalSources`: other systems that know our customers, each by an id of its own."""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.journey.external_source import ExternalSource
from gateway.storage.database import Row
from gateway.storage.documents.shape import Part, Stored


class LinkConfigurationPart(Part):
    """How a link to what the source knows is made."""

    uri_template: str


class ExternalSourceDocument(Stored):
    """A stored source."""

    name: str
    active: bool = True
    link_configuration: LinkConfigurationPart | None = None
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "externalSources"
        indexes: ClassVar = [IndexModel([("name", ASCENDING)], name="name", unique=True)]


def external_source_from(row: Row) -> ExternalSource:
    """Return the source that is stored so."""
    link = row.get("linkConfiguration") or {}
    return ExternalSource(row["_id"], row["name"], row["active"], link.get("uriTemplate"))
