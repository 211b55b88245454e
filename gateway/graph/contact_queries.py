"""Contacts, and who holds an identifier, among the roots of what can be asked."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import lists, values
from gateway.graph.connection import Connection
from gateway.graph.cost_directives import PAGED, size, weight
from gateway.graph.filters import (
    Contacts,
    contact_conditions,
    contact_search,
)
from gateway.graph.forbidden import demand_of_input
from gateway.graph.listing import Id, listed
from gateway.graph.loaders import (
    CanonicalContact,
    ContactById,
)
from gateway.graph.node import stored_id_of
from gateway.graph.requires import requires
from gateway.graph.types.contact_journey import Journey
from gateway.graph.types.enums import IdentifierType
from gateway.graph.types.identity import ContactCandidate
from gateway.graph.types.journey import Contact
from gateway.graph.windows import Listed, window_of
from gateway.graph.words import After, Before, First, Info, Last, Row
from gateway.journey.contact import contact_id_of
from gateway.journey.event import Identifier
from gateway.journey.identifier import normalised
from gateway.journey.identity_resolution import candidates_of
from gateway.storage.contact_search import contacts_found, order_of
from gateway.storage.identity.merge_sets import claimants_of, holder_id_of
from gateway.storage.identity.parties import parties
from gateway.storage.pages import Listing

IdentifierKind = Annotated[IdentifierType, strawberry.argument(description="The kind of identifier.")]
IdentifierValue = Annotated[str, strawberry.argument(description="The identifier.")]
ContactText = Annotated[
    str | None,
    strawberry.argument(
        description="Only known contacts that have all of these words, or a word that begins so: names, e-mail, "
        "telephone, external id, title, address, custom fields. A whole e-mail address or id finds who holds it.",
        directives=[weight(20)],
    ),
]


@strawberry.type(description="What can be asked of contacts.")
class ContactQueries:
    """Roots about contacts. A value of every type is the stored document: hence the ignored return types."""

    @strawberry.field(description="A contact, by its id.", directives=[requires(Permission.CONTACT_VIEW)])
    async def contact(self, info: Info, id: Id) -> Contact | None:  # noqa: A002
        """Return one contact."""
        return await contact_looked_at(info, stored_id_of("Contact", id))  # type: ignore[return-value]

    @strawberry.field(
        description="The customer whom an identifier belongs to: that of the contact that holds it.",
        directives=[requires(Permission.CONTACT_VIEW)],
    )
    async def contact_by_identifier(
        self,
        info: Info,
        type: IdentifierKind,  # noqa: A002
        value: IdentifierValue,
    ) -> Contact | None:
        """Return the canonical contact of who holds this identifier."""
        holder_id = await _holder_id(info, type, value)
        row = await info.context.loader(CanonicalContact).load(holder_id) if holder_id else None
        if row is not None:
            info.context.looked_at(row["_id"])
        return row  # type: ignore[return-value]

    @strawberry.field(
        description="Every customer with a contact that has an identifier, claimed or proved, of the first 25 contacts "
        "that have it: canonical and curated ones first, then identified ones; of these, the older first.",
        directives=[requires(Permission.CONTACT_VIEW), size(25)],
    )
    async def contact_candidates(
        self,
        info: Info,
        type: IdentifierKind,  # noqa: A002
        value: IdentifierValue,
    ) -> list[ContactCandidate]:
        """Return who may have this identifier."""
        form = normalised(type.value, value, info.context.region)
        sight = info.context.sight
        ids = await claimants_of(info.context.database, type.value, form, sight) if form else []
        if form is None or not ids:
            return []
        found = await parties(info.context.database, ids, sight=sight)
        ranked = candidates_of(found.values(), Identifier(type.value, form))
        return [values.candidate_of(candidate) for candidate in ranked]  # type: ignore[misc]

    @strawberry.field(
        description="Contacts, the newest first. With a search, or a filter by kind or last seen, known ones in their "
        "own order: canonical, curated, identified, the newest of each first. A search may come back with a page "
        "that is not full, or even empty, and yet say that there is more: go on with `endCursor`.",
        directives=[requires(Permission.CONTACT_VIEW), PAGED],
    )
    async def contacts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        search: ContactText = None,
        filter: Contacts = None,  # noqa: A002 - the name of the contract
    ) -> Connection[Contact]:
        """Return a page of contacts."""
        demand_of_input(info.context.viewer, filter)
        sought = contact_search(filter, search, info.context.sight)
        if sought is not None:
            found = await contacts_found(info.context.database, sought, window_of(first, after, last, before))
            return Listed(found, order_of(sought))  # type: ignore[return-value]
        conditions = contact_conditions(filter, info.context.clock(), info.context.sight)
        listing = Listing("contacts", lists.CONTACTS.order, filter=conditions)
        return await listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(
        description="Everything that happened to a contact.", directives=[requires(Permission.CONTACT_SESSION_VIEW)]
    )
    async def journey(self, info: Info, contact_id: Id) -> Journey | None:
        """Return the journey of a contact."""
        contact = await contact_looked_at(info, stored_id_of("Contact", contact_id, "contactId"))
        return values.journey_of(contact) if contact else None  # type: ignore[return-value]


async def contact_looked_at(info: Info, contact_id: str) -> Row | None:
    """Return a contact that somebody wants to look at; the audit log will tell."""
    row = await info.context.loader(ContactById).load(contact_id)
    if row is not None:
        info.context.looked_at(contact_id)
    return row


async def _holder_id(info: Info, type_: IdentifierType, value: str) -> str | None:
    form = normalised(type_.value, value, info.context.region)
    if form is None:
        return None
    if type_ is IdentifierType.COOKIE:
        return contact_id_of("cookie", form)
    return await holder_id_of(info.context.database, type_.value, form, info.context.sight)
