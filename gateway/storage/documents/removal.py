"""Collection `removals`: contacts that are gone already, and what of theirs is still to be deleted.

A row is there while a removal is under way, or after a process ended in the middle of it.
"""

from datetime import datetime

from gateway.storage.documents.shape import Part, Stored


class RemovedIdentifierPart(Part):
    """An identifier that the contacts held, by which rejected events of theirs are found."""

    type: str
    value: str


class RemovalDocument(Stored):
    """A stored removal. `actor` is who asked for it; without one the contacts expired.

    `counts` tells by collection how many documents are deleted so far.
    """

    date: datetime
    actor: str | None = None
    contact_ids: list[str]
    session_ids: list[str]
    identifiers: list[RemovedIdentifierPart]
    counts: dict[str, int]

    class Settings:
        """Collection."""

        name = "removals"
