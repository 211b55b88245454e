"""Merges of contacts, their undoing, and the promotion of a contact."""

from typing import Annotated
from uuid import uuid4

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph.mutations.actor import actor_of
from gateway.graph.mutations.address import AddressInput
from gateway.graph.mutations.contacts import told_details
from gateway.graph.mutations.identity_refusals import contact_ids_of, identity_refusals
from gateway.graph.mutations.records import told_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.seen import check_contacts_seen, check_merge_seen
from gateway.graph.types.journey import Contact
from gateway.graph.words import Info, stored
from gateway.journey.contact_record import contact_fields
from gateway.journey.identity import Cause, Rule
from gateway.journey.ids import derive_id
from gateway.storage.identity.merging import MergeWanted, merge_contacts, unmerge_contacts
from gateway.storage.identity.promotion import promote_contact

UNSET = strawberry.UNSET


@strawberry.input(description="Values for the merged contact that win over those of the contacts that are merged.")
class ValueOverrideInput:
    """Fields of the head of a merge."""

    first_name: str | None = strawberry.field(default=UNSET, description="Given name: up to 1,000 characters.")
    middle_name: str | None = strawberry.field(default=UNSET, description="Middle name: up to 1,000 characters.")
    last_name: str | None = strawberry.field(default=UNSET, description="Family name: up to 1,000 characters.")
    salutation: str | None = strawberry.field(default=UNSET, description="How to address the customer.")
    title: str | None = strawberry.field(default=UNSET, description="Title or position.")
    address: AddressInput | None = strawberry.field(default=UNSET, description="Where the customer lives or works.")
    external_organization_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The company that the customer belongs to."
    )
    survey_opt_out: bool | None = strawberry.field(default=UNSET, description="Whether the customer wants no surveys.")
    external_system_url: str | None = strawberry.field(
        default=UNSET, description="Where another system shows the customer: an address of up to 1,000 characters."
    )
    custom_fields: JSON | None = strawberry.field(
        default=UNSET, description="What else is to be kept, by name: up to 100 texts, numbers and truth values."
    )


@strawberry.input(description="Contacts to merge.")
class MergeContactsInput:
    """Input of `mergeContacts`."""

    contact_ids: list[strawberry.ID] = strawberry.field(
        description="2 to 25 contacts; one that was merged before stands for the whole customer."
    )
    value_override: ValueOverrideInput | None = strawberry.field(
        default=None, description="Values that win; other gaps are filled from the contact that was modified last."
    )


@strawberry.input(description="A merge to undo.")
class UnmergeContactsInput:
    """Input of `unmergeContacts`."""

    merge_id: strawberry.ID = strawberry.field(description="The merge: the id that `mergeContacts` gave out.")


@strawberry.input(description="A contact to keep.")
class PromoteContactInput:
    """Input of `promoteContact`."""

    contact_id: strawberry.ID = strawberry.field(description="The contact; a merged one stands for its customer.")


@strawberry.type(
    description="A merge: contacts of one customer below a new one, until somebody undoes it.",
    directives=[requires(Permission.IDENTITY_MERGE)],
)
class Merge:
    """A merge."""

    id: strawberry.ID = stored("_id", "The id by which it is undone.")


@strawberry.type(description="The merge that was made.", directives=[PUBLIC])
class MergeContactsPayload:
    """Payload of `mergeContacts`."""

    merge: Merge = stored("merge", "The merge.")
    contact: Contact = stored("contact", "The canonical contact, a new one.")


@strawberry.type(description="What is left of a merge.", directives=[PUBLIC])
class UnmergeContactsPayload:
    """Payload of `unmergeContacts`."""

    contacts: list[Contact] = stored("contacts", "The contacts that are customers of their own again.", size=10)


@strawberry.type(description="The contact that is kept.", directives=[PUBLIC])
class PromoteContactPayload:
    """Payload of `promoteContact`."""

    contact: Contact = stored("contact", "The contact; of a merged one, the canonical contact.")


MergeWhat = Annotated[MergeContactsInput, strawberry.argument(description="The contacts, and values that win.")]
Unmerge = Annotated[UnmergeContactsInput, strawberry.argument(description="The merge to undo.")]
Promote = Annotated[PromoteContactInput, strawberry.argument(description="The contact to keep.")]


@strawberry.type(description="What can be changed of who is one customer.")
class MergeMutations:
    """Mutations of merges."""

    @strawberry.mutation(
        description="Merge contacts of one customer: a new canonical contact is made, and they become its aliases. "
        "Nothing of them is changed, so that `unmergeContacts` restores them exactly.",
        directives=[requires(Permission.IDENTITY_MERGE)],
    )
    async def merge_contacts(self, info: Info, input: MergeWhat) -> MergeContactsPayload:  # noqa: A002 - the contract
        """Merge contacts, and return the canonical one."""
        given = {f"contactIds[{number}]": id_ for number, id_ in enumerate(input.contact_ids)}
        told = {} if input.value_override is None else told_of(input.value_override)
        override = contact_fields(await told_details(info, told))
        cause = Cause(Rule.AGENT, actor_of(info), info.context.clock())
        apart = info.context.sight.contacts_apart
        wanted = MergeWanted(derive_id("merge", uuid4().hex), contact_ids_of(given), override, cause, apart)
        with identity_refusals(given):
            await check_contacts_seen(info, wanted.contact_ids)
            contact = await merge_contacts(info.context.database, wanted)
        return {"merge": {"_id": wanted.id}, "contact": contact}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Undo a merge: its contacts are customers of their own again, each with what came to it since. A "
        "later merge or link of the canonical contact is undone first.",
        directives=[requires(Permission.IDENTITY_MERGE)],
    )
    async def unmerge_contacts(self, info: Info, input: Unmerge) -> UnmergeContactsPayload:  # noqa: A002
        """Undo a merge, and return the contacts that it leaves."""
        with identity_refusals({"mergeId": input.merge_id}):
            await check_merge_seen(info, input.merge_id)
            contacts = await unmerge_contacts(
                info.context.database, input.merge_id, actor_of(info), info.context.clock()
            )
        return {"contacts": contacts}  # type: ignore[return-value]  # as above

    @strawberry.mutation(
        description="Add a contact that came to be by itself to those that are kept: it is curated, and never expires.",
        directives=[requires(Permission.IDENTITY_PROMOTE)],
    )
    async def promote_contact(self, info: Info, input: Promote) -> PromoteContactPayload:  # noqa: A002
        """Promote a contact, and return it."""
        given = {"contactId": str(input.contact_id)}
        (contact_id,) = contact_ids_of(given)
        with identity_refusals(given):
            await check_contacts_seen(info, [contact_id])
            contact = await promote_contact(info.context.database, contact_id, actor_of(info), info.context.clock())
        return {"contact": contact}  # type: ignore[return-value]  # as above
