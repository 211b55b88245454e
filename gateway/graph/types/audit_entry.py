"""The audit log: who did what with which contacts."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph.loaders import ContactById
from gateway.graph.node import global_id, to_global_id
from gateway.graph.requires import requires
from gateway.graph.types.enums import AuditAction
from gateway.graph.words import Info, Row, stored


def contact_ids_field() -> Any:
    """Declare the ids of an entry's contacts; where contacts are hidden, of those alone that are there and seen."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        ids = root["contactIds"]
        if info.context.sight.hides_contacts:
            rows = await info.context.loader(ContactById).load_many(ids)
            ids = [row["_id"] for row in rows if row is not None]
        return [to_global_id("Contact", id_) for id_ in ids]

    description = "The contacts that it was done with; they may be gone."
    return strawberry.field(resolver=resolve, description=description)


@strawberry.type(
    description="A line of the audit log. It stays when the contacts that it speaks of are gone.",
    directives=[requires(Permission.AUDIT_LOG_VIEW)],
)
class AuditEntry:
    """An entry of the audit log."""

    id: strawberry.ID = global_id("AuditEntry")
    date: datetime = stored("date", "When it was done.")
    actor: str = stored("actor", "Who did it: the name of the token.")
    action: AuditAction = stored("action", "What was done.")
    contact_ids: list[strawberry.ID] = contact_ids_field()
    details: JSON = stored("details", "Which fields, or how many; never what stood in them.")
