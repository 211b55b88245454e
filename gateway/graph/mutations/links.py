"""Links that people make: between contacts, and from a session to a contact; and their undoing."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.loaders import SessionById
from gateway.graph.mutations.actor import actor_of
from gateway.graph.mutations.identity_refusals import LINK, contact_ids_of, identity_refusals
from gateway.graph.mutations.records import found
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.seen import check_contacts_seen, check_link_seen
from gateway.graph.types.identity import IdentityLink
from gateway.graph.types.journey import Contact, Session
from gateway.graph.words import Info, stored
from gateway.journey.identity import Cause, Rule
from gateway.storage.identity.linking import link_contacts, unlink_contacts
from gateway.storage.identity.session_links import link_session, unlink_session

SESSION = "Session"


@strawberry.input(description="Two contacts that are one customer.")
class LinkContactInput:
    """Input of `linkContact`."""

    contact_id: strawberry.ID = strawberry.field(description="A contact, such as that of a visitor.")
    to_contact_id: strawberry.ID = strawberry.field(description="The contact that it is to be linked to.")


@strawberry.input(description="A link to undo.")
class UnlinkContactInput:
    """Input of `unlinkContact`."""

    link_id: strawberry.ID = strawberry.field(description="The link, by its id in `links`; whoever made it.")


@strawberry.input(description="A session, and whose it is.")
class LinkSessionInput:
    """Input of `linkSession`."""

    session_id: strawberry.ID = strawberry.field(description="The session.")
    contact_id: strawberry.ID = strawberry.field(description="The contact that it belongs to.")


@strawberry.input(description="A session to move back.")
class UnlinkSessionInput:
    """Input of `unlinkSession`."""

    session_id: strawberry.ID = strawberry.field(description="The session.")


@strawberry.type(description="The link that was made.", directives=[PUBLIC])
class LinkContactPayload:
    """Payload of `linkContact`."""

    link: IdentityLink = stored("link", "The link.")
    contact: Contact = stored("contact", "The contact that stands for the customer now.")


@strawberry.type(description="What is left of a link.", directives=[PUBLIC])
class UnlinkContactPayload:
    """Payload of `unlinkContact`."""

    contacts: list[Contact] = stored("contacts", "The contacts that stand for the customers of both sides now.", size=2)


@strawberry.type(description="The session that was linked.", directives=[PUBLIC])
class LinkSessionPayload:
    """Payload of `linkSession`."""

    session: Session = stored("session", "The session, as it is now.")


@strawberry.type(description="The session that was moved back.", directives=[PUBLIC])
class UnlinkSessionPayload:
    """Payload of `unlinkSession`."""

    session: Session = stored("session", "The session, as it is now.")


Link = Annotated[LinkContactInput, strawberry.argument(description="The two contacts.")]
Unlink = Annotated[UnlinkContactInput, strawberry.argument(description="The link to undo.")]
LinkOne = Annotated[LinkSessionInput, strawberry.argument(description="The session, and whose it is.")]
UnlinkOne = Annotated[UnlinkSessionInput, strawberry.argument(description="The session to move back.")]


@strawberry.type(description="What can be changed of whose visits are whose.")
class LinkMutations:
    """Mutations of links."""

    @strawberry.mutation(
        description="Link two contacts that are one customer, with everything merged into them. That customer is kept: "
        "it is curated from now on, and never expires. `unlinkContact` parts them again, exactly.",
        directives=[requires(Permission.IDENTITY_MERGE)],
    )
    async def link_contact(self, info: Info, input: Link) -> LinkContactPayload:  # noqa: A002 - the contract
        """Link two contacts, and return the link and the customer."""
        given = {"contactId": str(input.contact_id), "toContactId": str(input.to_contact_id)}
        one, other = contact_ids_of(given)
        cause = Cause(Rule.AGENT, actor_of(info), info.context.clock())
        apart = info.context.sight.contacts_apart
        with identity_refusals(given):
            await check_contacts_seen(info, [one, other])
            linked = await link_contacts(info.context.database, one, other, cause, apart=apart)
        return {"link": linked.edge, "contact": linked.contact}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Undo a link between two contacts. One that followed from an identifier is not made again by it.",
        directives=[requires(Permission.IDENTITY_MERGE)],
    )
    async def unlink_contact(self, info: Info, input: Unlink) -> UnlinkContactPayload:  # noqa: A002
        """Undo a link, and return the customers of both sides."""
        edge_id = stored_id_of(LINK, input.link_id, "linkId")
        with identity_refusals({"linkId": str(input.link_id)}):
            await check_link_seen(info, edge_id)
            contacts = await unlink_contacts(info.context.database, edge_id, actor_of(info), info.context.clock())
        return {"contacts": contacts}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Link one session, with its events so far and those to come, to the contact whose it is. That "
        "customer is kept: it is curated from now on, and never expires.",
        directives=[requires(Permission.CONVERSATION_ASSOCIATE)],
    )
    async def link_session(self, info: Info, input: LinkOne) -> LinkSessionPayload:  # noqa: A002
        """Link a session to a contact, and return it."""
        session_id = stored_id_of(SESSION, input.session_id, "sessionId")
        given = {"contactId": str(input.contact_id)}
        (contact_id,) = contact_ids_of(given)
        await _check_session_seen(info, session_id, SESSION, input.session_id)
        with identity_refusals({**given, "sessionId": str(input.session_id)}):
            await check_contacts_seen(info, [contact_id])
            row = await link_session(
                info.context.database, session_id, contact_id, actor_of(info), info.context.clock()
            )
        return {"session": found(row, SESSION, input.session_id, "sessionId")}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Move a session that was linked back to the visitor's own contact.",
        directives=[requires(Permission.CONVERSATION_ASSOCIATE)],
    )
    async def unlink_session(self, info: Info, input: UnlinkOne) -> UnlinkSessionPayload:  # noqa: A002
        """Undo the link of a session, and return it."""
        session_id = stored_id_of(SESSION, input.session_id, "sessionId")
        await _check_session_seen(info, session_id, "linked session", input.session_id)
        with identity_refusals({"sessionId": str(input.session_id)}):
            row = await unlink_session(info.context.database, session_id, actor_of(info), info.context.clock())
        return {"session": found(row, "linked session", input.session_id, "sessionId")}  # type: ignore[return-value]  # as above


async def _check_session_seen(info: Info, stored_id: str, kind: str, given: str) -> None:
    """Make sure that a session is of a division that is seen.

    Raises:
        NotFound: it is not, or is not there.
    """
    if not info.context.sight.is_everything:
        found(await info.context.loader(SessionById).load(stored_id), kind, given, "sessionId")
