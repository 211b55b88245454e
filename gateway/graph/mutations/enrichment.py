"""`enrichContact` and `enrichContacts`: what other systems tell of customers, brought to their contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated
from uuid import uuid4

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput, NotFound
from gateway.graph.forbidden import demand, demand_of_input
from gateway.graph.loaders import ContactById
from gateway.graph.mutations.contacts import (
    API,
    KIND,
    ContactDetails,
    ContactIdentifierInput,
    divisions_of_new,
    plain_identifiers,
    teller_of,
    told_details,
)
from gateway.graph.mutations.records import told_of
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.enums import EnrichAction, EnrichStatus, FieldRule, IdentifierType
from gateway.graph.types.identity import ContactCandidate
from gateway.graph.types.journey import Contact
from gateway.graph.values import candidate_of
from gateway.graph.words import Info, Row, stored
from gateway.journey.enrichment import MAX_REQUESTS, Enrichment, enrichment_of
from gateway.journey.enrichment_plan import Enriched
from gateway.journey.errors import InvalidValue
from gateway.journey.ids import derive_id
from gateway.storage.documents.contact import contact_row
from gateway.storage.identity.enriching import all_or_none, enrich_contacts, would_enrich
from gateway.storage.rows import rows_by_id


@strawberry.input(description="Which counts of one field: what is told, or what is there.")
class FieldRuleInput:
    """A rule."""

    field: str = strawberry.field(
        description="A field of the contact, such as firstName; or identifiers, or one type of them, such as Email."
    )
    rule: FieldRule = strawberry.field(description="The rule.")


@strawberry.input(description="What is told of the customer.")
class EnrichedDetailsInput(ContactDetails):
    """The fields of a contact."""


@strawberry.input(description="What is told of one customer, and how it is found.")
class EnrichmentInput:
    """One request."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description="A contact of the customer, if it is known; it counts before all identifiers."
    )
    matching_identifiers: list[ContactIdentifierInput] = strawberry.field(
        description="1 to 25 identifiers; the first that somebody holds says who it is. A contact that is created "
        "holds them, but for cookies."
    )
    action: EnrichAction = strawberry.field(
        default=EnrichAction.UPSERT,
        description="What to do once it is known who it is. All but UPDATE also need externalContacts:contact:add, and "
        "MERGE externalContacts:identity:merge.",
    )
    contact: EnrichedDetailsInput = strawberry.field(description="What is told.")
    field_rules: list[FieldRuleInput] = strawberry.field(
        default_factory=list,
        description="A rule for each field that is not to have the usual one: PREFER_PROVIDED, of identifiers FILL.",
    )
    promote: bool = strawberry.field(
        default=False,
        description="Whether a contact that is found is kept from now on, and never expires.",
        directives=[requires(Permission.IDENTITY_PROMOTE)],
    )


@strawberry.input(description="What is told of one customer, and how it is found.")
class EnrichContactInput(EnrichmentInput):
    """Input of `enrichContact`."""

    dry_run: bool = strawberry.field(default=False, description="Only say what would happen; nothing is written.")


@strawberry.input(description="What is told of several customers.")
class EnrichContactsInput:
    """Input of `enrichContacts`."""

    requests: list[EnrichmentInput] = strawberry.field(
        description="1 to 10 requests; each finds what those before it have created."
    )
    dry_run: bool = strawberry.field(default=False, description="Only say what would happen; nothing is written.")


@strawberry.type(
    description="The identifier that a customer was found by.", directives=[requires(Permission.CONTACT_VIEW)]
)
class MatchedIdentifier:
    """A match."""

    type: IdentifierType = stored("type", "What kind of identifier it is.")
    value: str = stored("value", "The identifier, in its normal form.")


@strawberry.type(description="What became of a request.", directives=[requires(Permission.CONTACT_VIEW)])
class EnrichmentResult:
    """A result."""

    status: EnrichStatus = stored("status", "What became of it, or with dryRun would.")
    contact: Contact | None = stored(
        "contact",
        "The contact of the customer, as it is now; with dryRun as it would be: one that would be created or merged "
        "has an id that leads nowhere.",
    )
    matched_identifier: MatchedIdentifier | None = stored(
        "matchedIdentifier", "What it was found by; null without a match, and where it was found by its id."
    )
    candidates: list[ContactCandidate] = stored(
        "candidates",
        "Other customers who hold something that was told: it may be one of them as well.",
        absent=(),
        size=25,
    )


@strawberry.type(description="What became of a request.", directives=[PUBLIC])
class EnrichContactPayload:
    """Payload of `enrichContact`."""

    result: EnrichmentResult = stored("result", "The result.")


@strawberry.type(description="What became of the requests.", directives=[PUBLIC])
class EnrichContactsPayload:
    """Payload of `enrichContacts`."""

    results: list[EnrichmentResult] = stored("results", "A result for each request, in their order.", size=MAX_REQUESTS)


ALSO_NEEDED: Mapping[EnrichAction, tuple[Permission, ...]] = {
    EnrichAction.MERGE: (Permission.CONTACT_ADD, Permission.IDENTITY_MERGE),
    EnrichAction.UPSERT: (Permission.CONTACT_ADD,),
    EnrichAction.UPDATE: (),
    EnrichAction.INSERT: (Permission.CONTACT_ADD,),
}
"""What an action needs besides the permission to edit contacts."""

EnrichOne = Annotated[EnrichContactInput, strawberry.argument(description="What is told of a customer.")]
EnrichMany = Annotated[EnrichContactsInput, strawberry.argument(description="What is told of customers.")]


@strawberry.type(description="What other systems can tell of customers.")
class EnrichmentMutations:
    """Mutations that enrich contacts."""

    @strawberry.mutation(
        description="Bring what another system tells of a customer to the customer's contact, or to a new one. Doing "
        "it twice changes nothing the second time.",
        directives=[requires(Permission.CONTACT_EDIT)],
    )
    async def enrich_contact(self, info: Info, input: EnrichOne) -> EnrichContactPayload:  # noqa: A002 - the contract
        """Do one request."""
        (result,) = await _results(info, [await _request(info, input)], dry_run=input.dry_run)
        return {"result": result}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Do up to 10 requests like enrichContact, one after the other; all, or none if one is refused.",
        directives=[requires(Permission.CONTACT_EDIT)],
    )
    async def enrich_contacts(self, info: Info, input: EnrichMany) -> EnrichContactsPayload:  # noqa: A002
        """Do several requests."""
        if not 1 <= len(input.requests) <= MAX_REQUESTS:
            message = f"`requests` has {len(input.requests)} entries; pass 1 to {MAX_REQUESTS}."
            raise BadInput(message, field="requests")
        requests = []
        for number, one in enumerate(input.requests):
            try:
                requests.append(await _request(info, one))
            except InvalidValue as error:
                raise error.within(f"requests[{number}]") from None
        return {"results": await _results(info, requests, dry_run=input.dry_run)}  # type: ignore[return-value]  # as above


async def _request(info: Info, wanted: EnrichmentInput) -> Enrichment:
    for permission in ALSO_NEEDED[wanted.action]:
        demand(info.context.viewer, permission, f"EnrichmentInput.action: {wanted.action.name}")
    demand_of_input(info.context.viewer, wanted)
    request = enrichment_of(
        plain_identifiers([told_of(one) for one in wanted.matching_identifiers]),
        await told_details(info, told_of(wanted.contact)),
        derive_id("contact", uuid4().hex),
        API,
        action=wanted.action,
        rules={one.field: one.rule for one in wanted.field_rules},
        promote=wanted.promote,
        contact_id=await _known_id(info, wanted.id),
    )
    return replace(request, divisions=divisions_of_new(info))


async def _known_id(info: Info, id_: str | None) -> str | None:
    if id_ is None:
        return None
    stored_id = stored_id_of(KIND, id_)
    if await info.context.loader(ContactById).load(stored_id) is None:
        raise NotFound(f"`id` is {id_!r}, but there is no contact with this id.", field="id")
    return stored_id


async def _results(info: Info, requests: Sequence[Enrichment], *, dry_run: bool) -> list[Row]:
    database, teller = info.context.database, teller_of(info)
    if dry_run:
        results = all_or_none(await would_enrich(database, requests, teller))
        return [_result(one, contact_row(one.contact) if one.contact else None) for one in results]
    results = await enrich_contacts(database, requests, teller)
    rows = await rows_by_id(database, "contacts", [one.contact.id for one in results if one.contact])
    return [_result(one, rows.get(one.contact.id) if one.contact else None) for one in results]


def _result(result: Enriched, contact: Row | None) -> Row:
    matched = result.matched and {"type": result.matched.type, "value": result.matched.value}
    candidates = [candidate_of(one) for one in result.candidates]
    return {
        "status": result.status.value,
        "contact": contact,
        "matchedIdentifier": matched,
        "candidates": candidates,
    }
