"""A customer as it is shown: a contact together with everything that was merged into it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from gateway.journey.contact import HeldIdentifier, with_identifiers
from gateway.journey.merge_fields import merge_fields
from gateway.storage.documents.contact import contact_from, identifier_from, identifier_row

Row = Mapping[str, Any]


class Customer:
    """A contact and the rows of all that was merged into it, which are read as one."""

    def __init__(self, contact: Row, merged: Sequence[Row]) -> None:
        self.contact = contact
        self.merged = merged

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all of them, the contact's own first."""
        return (self.contact["_id"], *(row["_id"] for row in self.merged))

    @cached_property
    def fields(self) -> Row:
        """The fields of the record: the contact's own, and gaps filled from the others."""
        if not self.merged:
            return self.contact
        own = contact_from(dict(self.contact)).fields
        return merge_fields([contact_from(dict(row)) for row in self.merged], own)

    @cached_property
    def identifiers(self) -> list[Row]:
        """Every identifier once, each with the `contact` that holds it: of several, the one that was created first."""
        holders: dict[tuple[str, str], Row] = {}
        held: dict[tuple[str, str], HeldIdentifier] = {}
        for contact, identifier in self._told():
            holders.setdefault(identifier.key, contact)
            before = (held[identifier.key],) if identifier.key in held else ()
            held[identifier.key] = with_identifiers(before, (identifier,))[0]
        return [{**identifier_row(identifier), "contact": holders[key]} for key, identifier in held.items()]

    @property
    def session_count(self) -> int:
        """How many sessions there have been."""
        return sum(row["sessionCount"] for row in (self.contact, *self.merged))

    def _told(self) -> Iterator[tuple[Row, HeldIdentifier]]:
        for row in sorted((self.contact, *self.merged), key=lambda row: (row["createdDate"], row["_id"])):
            for held in row.get("identifiers", ()):
                yield row, identifier_from(held)
