"""Collection `identifiers`: the register, which tells of each identifier the contact that holds it.

Shard key: hashed `_id`, which is derived from the identifier, so that two transactions that claim it write the same
document: they collide inside MongoDB, and the one that runs again finds the other's contact. Cookies are not in it; the
id of their contact is derived from the cookie itself.
"""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.journey.ids import derive_id
from gateway.storage.documents.shape import Stored


class RegisteredIdentifierDocument(Stored):
    """An identifier that a contact holds. Of several contacts that claim it, the one that was created first does."""

    type: str
    value: str
    contact_id: str
    contact_created_date: datetime

    class Settings:
        """Collection and indexes."""

        name = "identifiers"
        indexes: ClassVar = [IndexModel([("contactId", ASCENDING)], name="contact")]


def registered_id(identifier_type: str, value: str) -> str:
    """Return the id under which an identifier, in normal form, is registered."""
    return derive_id("identifier", identifier_type, value)
