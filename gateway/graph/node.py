"""Global ids: opaque to clients, a type's name and a stored id to us."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import strawberry

from gateway.graph.errors import BadInput
from gateway.graph.requires import PUBLIC
from gateway.graph.words import derived


@strawberry.interface(description="Anything that can be asked for again by its id.", directives=[PUBLIC])
class Node:
    """The Relay interface of things with a global id."""

    id: strawberry.ID = derived(
        lambda row: row["_id"], "The id: opaque, and the same as long as the thing exists.", reads=("_id",)
    )


def global_id(kind: str) -> Any:
    """Declare the id field of a type."""
    return derived(lambda row: to_global_id(kind, row["_id"]), f"The id of this {kind.lower()}.", reads=("_id",))


def to_global_id(kind: str, stored_id: str) -> str:
    """Return the id that clients see."""
    return urlsafe_b64encode(f"{kind}:{stored_id}".encode()).decode().rstrip("=")


def from_global_id(text: str, field: str = "id") -> tuple[str, str]:
    """Return (kind, stored id) of an id that clients see.

    Raises:
        BadInput: it is none of ours.
    """
    try:
        kind, separator, stored_id = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
        if separator and kind and stored_id:
            return kind, stored_id
    except ValueError:
        pass
    raise BadInput(f"`{field}` is {text!r}, which is no id: pass an `id` that this API gave out.", field=field)


def stored_id_of(kind: str, text: str, field: str = "id") -> str:
    """Return the stored id behind an id of this kind.

    Raises:
        BadInput: it is no id, or one of another kind.
    """
    found, stored_id = from_global_id(text, field)
    if found != kind:
        raise BadInput(f"`{field}` is the id of {_a(found)}, but one of {_a(kind)} is needed.", field=field)
    return stored_id


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind.lower()}"
