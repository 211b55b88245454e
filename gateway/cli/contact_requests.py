"""From what a file tells of a contact to a request: how it is found, what is told of it, what is to be done."""

from collections.abc import Mapping, Sequence

import msgspec

from gateway.cli.contact_columns import IDENTIFIER_TYPES, Told
from gateway.cli.failures import CommandError
from gateway.graph.errors import BadInput
from gateway.graph.node import from_global_id
from gateway.journey.contact import CONTACT_FIELDS, ContactType
from gateway.journey.contact_record import IDENTIFIERS
from gateway.journey.enrichment import MAX_MATCHING, EnrichAction, Enrichment, FieldRule, enrichment_of
from gateway.journey.ids import derive_id

SOURCE = "import"
"""The source of identifiers that files tell."""
MATCHES: Mapping[str, str] = {type_.lower(): type_ for type_ in IDENTIFIER_TYPES}
"""By which types of identifiers contacts can be found, by the name that --match gives them."""
UNCURATED = (ContactType.EPHEMERAL.value, ContactType.IDENTIFIED.value)
RULES = {IDENTIFIERS: FieldRule.EXTEND}


def match_types(told: str) -> tuple[str, ...]:
    """Return the types of identifiers that --match names, in its order.

    Raises:
        CommandError: one of them is not known.
    """
    names = [name.strip() for name in told.split(",") if name.strip()]
    for name in names:
        if name.lower() not in MATCHES:
            known = ", ".join(type_[0].lower() + type_[1:] for type_ in IDENTIFIER_TYPES)
            raise CommandError(f"--match names {name!r}: name some of {known}.")
    return tuple(MATCHES[name.lower()] for name in names)


def request_of(told: Told, matching: Sequence[str], organization_id: str | None, *, merge: bool) -> Enrichment:
    """Return the request for one contact of a file.

    A contact that is found by nothing has an id that follows from what is told of it, so that the same file makes it
    once, however often it is imported. What is told to be no contact that people keep is not made one.

    Raises:
        InvalidValue: something is told that cannot be.
    """
    fields = {name: told[name] for name in (*CONTACT_FIELDS, IDENTIFIERS) if name in told}
    if organization_id is not None:
        fields["externalOrganizationId"] = organization_id
    told_id = str(told.get("id", ""))
    return enrichment_of(
        _matching(told, matching),
        fields,
        derive_id("contact", SOURCE, told_id or _in_order(told)),
        SOURCE,
        action=EnrichAction.MERGE if merge else EnrichAction.UPSERT,
        rules=RULES,
        promote=str(told.get("type", "")).upper() not in UNCURATED,
        contact_id=id_of("Contact", told_id),
        at_least=0,
    )


def id_of(kind: str, told: str) -> str | None:
    """Return the stored id behind an id of this kind that we gave out, or None for an id of somebody else."""
    try:
        found, stored_id = from_global_id(told)
    except BadInput:
        return None
    return stored_id if found == kind else None


def _matching(told: Told, types: Sequence[str]) -> Sequence[object]:
    listed = told.get(IDENTIFIERS)
    identifiers = listed if isinstance(listed, list) else []
    found = [one for type_ in types for one in identifiers if isinstance(one, Mapping) and one.get("type") == type_]
    return found[:MAX_MATCHING]


def _in_order(told: Told) -> str:
    return msgspec.json.encode(told, order="deterministic").decode()
