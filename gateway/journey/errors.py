"""What the domain refuses: values that a field cannot have, and contacts that cannot be joined or parted so.

InvalidValue            a field is given a value that it cannot have

IdentityError
├── UnknownContact      there is no contact of this id
├── UnknownEdge         there is no link of this id, or it was undone before
├── UnknownMerge        there is no merge of this id, or it was undone before
├── SameCustomer        the contacts are one customer already
├── AlreadyAttached     the contact stands below another one; only a root can be attached
├── MergeConflict       a merge cannot be undone before a later one, or not in this way
└── DifferentDivisions  the contacts are of different divisions, which keep their contacts apart
"""


class IdentityError(Exception):
    """Root of this room's errors; their texts are fit for the eyes of who asked for it."""


class UnknownContact(IdentityError):
    """No contact has this id."""

    def __init__(self, contact_id: str) -> None:
        self.contact_id = contact_id
        super().__init__(f"There is no contact {contact_id!r}: look it up again, it may have expired or been erased.")


class UnknownEdge(IdentityError):
    """No link in force has this id."""

    def __init__(self, edge_id: str) -> None:
        self.edge_id = edge_id
        super().__init__(f"There is no link {edge_id!r} in force: read the contact's identityPath for those there are.")


class UnknownMerge(IdentityError):
    """No merge in force has this id."""

    def __init__(self, merge_id: str) -> None:
        self.merge_id = merge_id
        super().__init__(f"There is no merge {merge_id!r} in force: it was undone before, or never made.")


class SameCustomer(IdentityError):
    """Fewer than two customers stand behind the contacts that were to be joined."""

    def __init__(self, contact_ids: tuple[str, ...]) -> None:
        self.contact_ids = contact_ids
        names = ", ".join(map(repr, contact_ids))
        super().__init__(f"The contacts {names} are one customer already: name contacts of different customers.")


class AlreadyAttached(IdentityError):
    """Only a root can be attached below another contact."""

    def __init__(self, contact_id: str, parent_id: str) -> None:
        self.contact_id = contact_id
        self.parent_id = parent_id
        super().__init__(f"Contact {contact_id!r} stands below {parent_id!r} already: attach its root, or undo that.")


class MergeConflict(IdentityError):
    """An edge cannot be undone while a later one rests on it, or not by itself."""

    def __init__(self, message: str, *, edge_id: str, merge_id: str | None) -> None:
        #: The edge that is in the way.
        self.edge_id = edge_id
        #: The merge that it is part of, if it is.
        self.merge_id = merge_id
        super().__init__(message)


class DifferentDivisions(IdentityError):
    """Contacts of different divisions cannot be joined where divisions keep their contacts apart."""

    def __init__(self) -> None:
        super().__init__("The contacts are of different divisions: give them the same ones first, see their divisions.")


class InvalidValue(ValueError):
    """Raised for a value outside of what its field can have; the message names both and says what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        #: The field, as clients name it.
        self.field = field
        #: What was given for it.
        self.value = value
        #: What it can have.
        self.allowed = allowed
        super().__init__(f"`{field}` is {_shown(value)}, but must be {allowed}.")

    def within(self, part: str) -> "InvalidValue":
        """Return the same about a field of this part of what was told."""
        return InvalidValue(f"{part}.{self.field}", self.value, self.allowed)


_SHOWN_CHARACTERS = 60


def _shown(value: object) -> str:
    """Return the value as an error shows it; of a long one only the beginning."""
    if value is None:
        return "null"
    if isinstance(value, str) and len(value) > _SHOWN_CHARACTERS:
        return f"{value[:_SHOWN_CHARACTERS]!r}... ({len(value):,} characters)"
    shown = repr(value)
    return shown if len(shown) <= 2 * _SHOWN_CHARACTERS else f"{shown[: 2 * _SHOWN_CHARACTERS]}..."
