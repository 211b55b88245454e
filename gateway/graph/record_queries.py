"""What is kept beside contacts and visits: organizations, sources, divisions and the audit log."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import lists
from gateway.graph.connection import Connection
from gateway.graph.cost_directives import PAGED, size, weight
from gateway.graph.errors import BadInput
from gateway.graph.listing import Id, listed
from gateway.graph.loaders import (
    ContactById,
    OrganizationById,
)
from gateway.graph.node import stored_id_of
from gateway.graph.requires import requires
from gateway.graph.types.audit_entry import AuditEntry
from gateway.graph.types.division import Division
from gateway.graph.types.external_source import ExternalSource
from gateway.graph.types.organization import ExternalOrganization
from gateway.graph.windows import window_of
from gateway.graph.words import After, Before, First, Info, Last
from gateway.storage.audit_log import entries_seen
from gateway.storage.divisions import all_divisions
from gateway.storage.organizations import found_by
from gateway.storage.pages import Listing
from gateway.storage.rows import all_rows
from gateway.storage.sight import NOTHING

AboutContact = Annotated[strawberry.ID | None, strawberry.argument(description="Only what concerns this contact.")]
OrganizationSearch = Annotated[
    str | None,
    strawberry.argument(
        description="Only those whose name has words that begin so, whatever their case and accents.",
        directives=[weight(5)],
    ),
]


@strawberry.type(description="What can be asked of records.")
class RecordQueries:
    """Roots about records. A value of every type is the stored document: hence the ignored return types."""

    @strawberry.field(
        description="What was done with contacts, or with one of them, and by whom; the latest first. Who sees only "
        "some divisions has to name a contact, and is not told what was done with visits of others.",
        directives=[requires(Permission.AUDIT_LOG_VIEW), PAGED],
    )
    async def audit_log(
        self,
        info: Info,
        contact_id: AboutContact = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[AuditEntry]:
        """Return a page of the audit log."""
        about = await _about(info, contact_id)
        listing = Listing("auditLog", lists.AUDIT_LOG.order, filter=about)
        return await listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(
        description="The divisions that whoever asks sees: the home division, then the others, the oldest first.",
        directives=[requires(Permission.DIVISION_VIEW), size(20)],
    )
    async def divisions(self, info: Info) -> list[Division]:
        """Return the divisions."""
        return await all_divisions(info.context.database, info.context.sight)  # type: ignore[return-value]

    @strawberry.field(
        description="An external organization, by its id.", directives=[requires(Permission.ORGANIZATION_VIEW)]
    )
    async def external_organization(self, info: Info, id: Id) -> ExternalOrganization | None:  # noqa: A002
        """Return one organization."""
        stored_id = stored_id_of("ExternalOrganization", id)
        return await info.context.loader(OrganizationById).load(stored_id)  # type: ignore[return-value]

    @strawberry.field(
        description="External organizations, in the order of their names.",
        directives=[requires(Permission.ORGANIZATION_VIEW), PAGED],
    )
    async def external_organizations(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        search: OrganizationSearch = None,
    ) -> Connection[ExternalOrganization]:
        """Return a page of organizations."""
        listing = Listing("externalOrganizations", lists.BY_NAME, filter=found_by(search))
        return await listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(
        description="The external sources, the oldest first.",
        directives=[requires(Permission.EXTERNAL_SOURCE_VIEW), size(20)],
    )
    async def external_sources(self, info: Info) -> list[ExternalSource]:
        """Return every external source."""
        return await all_rows(info.context.database, "externalSources")  # type: ignore[return-value]


async def _about(info: Info, contact_id: str | None) -> dict[str, object]:
    """Return the condition for the entries of the audit log that are wanted, and may be told.

    Raises:
        BadInput: all of them are wanted, by somebody who sees only some divisions.
    """
    sight = info.context.sight
    if contact_id is None:
        if sight.is_everything:
            return {}
        message = "Pass `contactId`: your token sees only some divisions, and the whole log tells of all of them."
        raise BadInput(message, field="contactId")
    stored_id = stored_id_of("Contact", contact_id, "contactId")
    if sight.hides_contacts and await info.context.loader(ContactById).load(stored_id) is None:
        return NOTHING
    return {"contactIds": stored_id, **entries_seen(sight)}
