"""The roots of what can be asked."""

from dataclasses import replace
from typing import Annotated

import strawberry

from gateway.access.viewer import Viewer as DomainViewer
from gateway.graph import lists, values
from gateway.graph.connection import Connection
from gateway.graph.errors import Unauthenticated
from gateway.graph.filters import Contacts, Sessions, contact_conditions, contact_search, session_conditions
from gateway.graph.loaders import (
    ById,
    CanonicalContact,
    ContactById,
    EventById,
    ExternalSourceById,
    MergedInto,
    NoteById,
    OrganizationById,
    OutcomeById,
    PredictionModelById,
    RejectedEventById,
    RelationshipById,
    SessionById,
)
from gateway.graph.node import Node, from_global_id, stored_id_of
from gateway.graph.types.audit_entry import AuditEntry
from gateway.graph.types.enums import IdentifierType
from gateway.graph.types.external_source import ExternalSource
from gateway.graph.types.identity import ContactCandidate
from gateway.graph.types.journey import Contact, Event, Journey, Session
from gateway.graph.types.organization import ExternalOrganization
from gateway.graph.types.outcome import Outcome
from gateway.graph.types.rejected_event import RejectedEvent
from gateway.graph.windows import Listed, window_of
from gateway.graph.words import After, Before, First, Info, Last, Row
from gateway.journey.contact import contact_id_of
from gateway.journey.event import Identifier
from gateway.journey.identifier import normalised
from gateway.journey.identity_resolution import candidates_of
from gateway.journey.session import WEB
from gateway.storage.contact_search import contacts_found, order_of
from gateway.storage.definitions import outcome_rows
from gateway.storage.identity.merge_sets import claimants_of, holder_id_of
from gateway.storage.identity.parties import parties
from gateway.storage.organizations import found_by
from gateway.storage.pages import Listing, Window, page_of
from gateway.storage.rows import all_rows

KINDS: dict[str, type[ById]] = {
    "Contact": ContactById,
    "Session": SessionById,
    "Event": EventById,
    "Outcome": OutcomeById,
    "PredictionModel": PredictionModelById,
    "RejectedEvent": RejectedEventById,
    "ExternalOrganization": OrganizationById,
    "Relationship": RelationshipById,
    "Note": NoteById,
    "ExternalSource": ExternalSourceById,
}
"""What `node` can find, and the loader of each."""

Id = Annotated[strawberry.ID, strawberry.argument(description="The id, as this API gave it out.")]
IdentifierKind = Annotated[IdentifierType, strawberry.argument(description="The kind of identifier.")]
IdentifierValue = Annotated[str, strawberry.argument(description="The identifier.")]
ContactText = Annotated[
    str | None,
    strawberry.argument(
        description="Only known contacts that have all of these words, or a word that begins so: names, e-mail, "
        "telephone, external id, title, address, custom fields. A whole e-mail address or id finds who holds it."
    ),
]
AboutContact = Annotated[strawberry.ID | None, strawberry.argument(description="Only what concerns this contact.")]
OrganizationSearch = Annotated[
    str | None,
    strawberry.argument(description="Only those whose name has words that begin so, whatever their case and accents."),
]


@strawberry.type(description="Who asks.")
class Viewer:
    """The holder of the token."""

    name: str = strawberry.field(description="The name of the token.")
    role: str = strawberry.field(description="The role it gives.")


@strawberry.type(description="What can be asked.")
class Query:
    """The root of queries. A value of every type is the stored document: hence the ignored return types."""

    @strawberry.field(description="Anything, by its id; null when it is not there.")
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 - the name that Relay prescribes
        """Return a thing by its global id."""
        kind, stored_id = from_global_id(id)
        loader = KINDS.get(kind)
        if loader is ContactById:
            return await _contact(info, stored_id)  # type: ignore[return-value]
        return await info.context.loader(loader).load(stored_id) if loader else None  # type: ignore[return-value]

    @strawberry.field(description="Who asks.")
    async def viewer(self, info: Info) -> Viewer:
        """Return who asks."""
        viewer: DomainViewer | None = info.context.viewer
        if viewer is None:
            raise Unauthenticated("No token was given.")
        return Viewer(name=viewer.name, role=viewer.role)

    @strawberry.field(description="A contact, by its id.")
    async def contact(self, info: Info, id: Id) -> Contact | None:  # noqa: A002
        """Return one contact."""
        return await _contact(info, stored_id_of("Contact", id))  # type: ignore[return-value]

    @strawberry.field(description="The customer whom an identifier belongs to: that of the contact that holds it.")
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
        "that have it: canonical and curated ones first, then identified ones; of these, the older first."
    )
    async def contact_candidates(
        self,
        info: Info,
        type: IdentifierKind,  # noqa: A002
        value: IdentifierValue,
    ) -> list[ContactCandidate]:
        """Return who may have this identifier."""
        form = normalised(type.value, value, info.context.region)
        ids = await claimants_of(info.context.database, type.value, form) if form else []
        if form is None or not ids:
            return []
        found = await parties(info.context.database, ids)
        ranked = candidates_of(found.values(), Identifier(type.value, form))
        return [values.candidate_of(candidate) for candidate in ranked]  # type: ignore[misc]

    @strawberry.field(
        description="Contacts, the newest first. With a search, or a filter by kind or last seen, known ones in their "
        "own order: canonical, curated, identified, the newest of each first. A search may come back with a page "
        "that is not full, or even empty, and yet say that there is more: go on with `endCursor`."
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
        sought = contact_search(filter, search)
        if sought is not None:
            found = await contacts_found(info.context.database, sought, window_of(first, after, last, before))
            return Listed(found, order_of(sought))  # type: ignore[return-value]
        listing = Listing("contacts", lists.CONTACTS.order, filter=contact_conditions(filter))
        return await _listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(description="A session, by its id.")
    async def session(self, info: Info, id: Id) -> Session | None:  # noqa: A002
        """Return one session."""
        return await info.context.loader(SessionById).load(stored_id_of("Session", id))  # type: ignore[return-value]

    @strawberry.field(description="Sessions, the newest first.")
    async def sessions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Sessions = None,  # noqa: A002
    ) -> Connection[Session]:
        """Return a page of sessions."""
        listing = Listing("sessions", lists.SESSIONS.order, filter=session_conditions(filter, info.context.clock()))
        if "contactId" in listing.filter:
            listing = await _of_customer(info, listing)
        return await _listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(description="An event, by its id.")
    async def event(self, info: Info, id: Id) -> Event | None:  # noqa: A002
        """Return one event."""
        return await info.context.loader(EventById).load(stored_id_of("Event", id))  # type: ignore[return-value]

    @strawberry.field(description="Everything that happened to a contact.")
    async def journey(self, info: Info, contact_id: Id) -> Journey | None:
        """Return the journey of a contact."""
        contact = await _contact(info, stored_id_of("Contact", contact_id, "contactId"))
        return values.journey_of(contact) if contact else None  # type: ignore[return-value]

    @strawberry.field(description="The outcomes that are defined, the oldest first.")
    async def outcomes(self, info: Info) -> list[Outcome]:
        """Return every outcome."""
        return await outcome_rows(info.context.database)  # type: ignore[return-value]

    @strawberry.field(description="Events that could not be applied, the last rejected first.")
    async def rejected_events(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[RejectedEvent]:
        """Return a page of rejected events."""
        window = window_of(first, after, last, before)
        return await _listed(info, lists.REJECTED_EVENTS, window)  # type: ignore[return-value]

    @strawberry.field(description="What was done with contacts, or with one of them, and by whom; the latest first.")
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
        about = {"contactIds": stored_id_of("Contact", contact_id, "contactId")} if contact_id else {}
        listing = Listing("auditLog", lists.AUDIT_LOG.order, filter=about)
        return await _listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(description="An external organization, by its id.")
    async def external_organization(self, info: Info, id: Id) -> ExternalOrganization | None:  # noqa: A002
        """Return one organization."""
        stored_id = stored_id_of("ExternalOrganization", id)
        return await info.context.loader(OrganizationById).load(stored_id)  # type: ignore[return-value]

    @strawberry.field(description="External organizations, in the order of their names.")
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
        return await _listed(info, listing, window_of(first, after, last, before))  # type: ignore[return-value]

    @strawberry.field(description="The external sources, the oldest first.")
    async def external_sources(self, info: Info) -> list[ExternalSource]:
        """Return every external source."""
        return await all_rows(info.context.database, "externalSources")  # type: ignore[return-value]


async def _contact(info: Info, contact_id: str) -> Row | None:
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
    return await holder_id_of(info.context.database, type_.value, form)


async def _of_customer(info: Info, listing: Listing) -> Listing:
    """Return the list of a contact's sessions with those of everything that was merged into it."""
    contact_id = listing.filter["contactId"]
    merged = await info.context.loader(MergedInto).load(contact_id)
    if not merged:
        return listing
    ids = [contact_id, *(row["_id"] for row in merged)]
    # who is here now, and who came by another channel, are found sooner by other indexes
    is_rare = "activeDate" in listing.filter or listing.filter.get("type", WEB) != WEB
    index = None if is_rare else "contact"
    return replace(listing, filter={**listing.filter, "contactId": {"$in": ids}}, index=index)


async def _listed(info: Info, listing: Listing, window: Window) -> Listed:
    return Listed(await page_of(info.context.database, listing, window), listing.order)
