"""The audit log: who did what with which contacts."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from gateway.graph.node import global_id, to_global_id
from gateway.graph.types.enums import AuditAction
from gateway.graph.words import Row, derived, stored


def contact_ids_of(row: Row) -> list[str]:
    """Return the ids of an entry's contacts, as clients know them."""
    return [to_global_id("Contact", id_) for id_ in row["contactIds"]]


@strawberry.type(description="A line of the audit log. It stays when the contacts that it speaks of are gone.")
class AuditEntry:
    """An entry of the audit log."""

    id: strawberry.ID = global_id("AuditEntry")
    date: datetime = stored("date", "When it was done.")
    actor: str = stored("actor", "Who did it: the name of the token.")
    action: AuditAction = stored("action", "What was done.")
    contact_ids: list[strawberry.ID] = derived(
        contact_ids_of, "The contacts that it was done with; they may be gone.", reads=("contactIds",)
    )
    details: JSON = stored("details", "Which fields, or how many; never what stood in them.")
