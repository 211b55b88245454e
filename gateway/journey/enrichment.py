"""Enrichment: what other systems tell of a customer, brought to the contact that it is about, or to a new one.

A request names identifiers to find the contact by, in order, and what is told of it. `action` says what to do with a
match, or without one; a rule for each field says whether what is told or what is there counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from gateway.journey.contact import CONTACT_FIELDS, Contact, ContactType, HeldIdentifier, held_identifier
from gateway.journey.contact_record import (
    IDENTIFIERS,
    contact_fields,
    curated_contact,
    told_identifiers,
    with_held,
)
from gateway.journey.division import Divisions
from gateway.journey.errors import InvalidValue
from gateway.journey.event import Identifier
from gateway.journey.identifier import DEFAULT_REGION, IdentifierType
from gateway.journey.merge_fields import merge_fields

MAX_MATCHING = 25
MAX_REQUESTS = 10
"""Requests that may be told at once."""


class EnrichAction(Enum):
    """What to do once it is known who it is."""

    MERGE = "MERGE"
    UPSERT = "UPSERT"
    UPDATE = "UPDATE"
    INSERT = "INSERT"


class FieldRule(Enum):
    """Which of what is told and what is there counts: three rules for single values, three for identifiers."""

    ALWAYS_USE_PROVIDED = "ALWAYS_USE_PROVIDED"
    PREFER_EXISTING = "PREFER_EXISTING"
    PREFER_PROVIDED = "PREFER_PROVIDED"
    REPLACE = "REPLACE"
    EXTEND = "EXTEND"
    FILL = "FILL"


class EnrichStatus(Enum):
    """What became of a request."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    MERGED = "MERGED"
    UNCHANGED = "UNCHANGED"
    NO_MATCH = "NO_MATCH"


RULES_OF_VALUES = (FieldRule.ALWAYS_USE_PROVIDED, FieldRule.PREFER_EXISTING, FieldRule.PREFER_PROVIDED)
RULES_OF_LISTS = (FieldRule.REPLACE, FieldRule.EXTEND, FieldRule.FILL)
RULES_OF_FIELD: Mapping[str, Sequence[FieldRule]] = {
    **dict.fromkeys(CONTACT_FIELDS, RULES_OF_VALUES),
    **dict.fromkeys(
        (IDENTIFIERS, *(t.value for t in IdentifierType if t is not IdentifierType.COOKIE)), RULES_OF_LISTS
    ),
}
"""What a rule can be given for, and which: a field, all identifiers, or the identifiers of one type."""


@dataclass(frozen=True, slots=True)
class Enrichment:
    """A request. `matching` are in the order in which they count; `fields` and `identifiers` are what is told.

    `contact_id` is a contact that is meant before all identifiers, `new_id` the id of one that has to be created: where
    that is there already, it is meant after all of them. `promote` makes of who is found a contact kept by hand.
    `divisions` are those of a contact that has to be created.
    """

    matching: tuple[Identifier, ...]
    fields: Mapping[str, object] = field(default_factory=dict)
    identifiers: tuple[Identifier, ...] = ()
    action: EnrichAction = EnrichAction.UPSERT
    rules: Mapping[str, FieldRule] = field(default_factory=dict)
    promote: bool = False
    contact_id: str | None = None
    new_id: str = ""
    divisions: Divisions = ()


def enrichment_of(  # noqa: PLR0913 - the parts of a request
    matching: object,
    contact: Mapping[str, object],
    new_id: str,
    source: str,
    *,
    action: EnrichAction = EnrichAction.UPSERT,
    rules: Mapping[str, FieldRule] | None = None,
    promote: bool = False,
    contact_id: str | None = None,
    at_least: int = 1,
) -> Enrichment:
    """Return a request as it was told, checked; `contact` holds fields, and identifiers as {type, value, verified?}.

    Raises:
        InvalidValue: something is told that cannot be; its field begins with matchingIdentifiers, contact or rules.
    """
    found_by = told_identifiers("matchingIdentifiers", matching, source, cookies=True)
    if not at_least <= len(found_by) <= MAX_MATCHING:
        allowed = f"a list of {at_least} to {MAX_MATCHING} identifiers"
        raise InvalidValue("matchingIdentifiers", [one.value for one in found_by], allowed)
    fields, identifiers = _told(contact, source)
    checked = {name: _rule(name, rule) for name, rule in (rules or {}).items()}
    return Enrichment(found_by, fields, identifiers, action, checked, promote, contact_id, new_id)


def created(wanted: Enrichment, at: datetime, region: str = DEFAULT_REGION) -> Contact:
    """Return the new contact that a request asks for, kept by hand, with what it would have been found by.

    Raises:
        InvalidValue: it is given too many identifiers.
    """
    found_by = (one for one in wanted.matching if one.type != IdentifierType.COOKIE.value)
    contact = curated_contact(wanted.new_id, wanted.fields, (*wanted.identifiers, *found_by), at, region)
    return replace(contact, division_ids=wanted.divisions)


def enriched(members: Sequence[Contact], wanted: Enrichment, at: datetime, region: str = DEFAULT_REGION) -> Contact:
    """Return the root of a merge set after a request; `members` begin with it, and are all that is merged with it.

    What counts as being there is what is shown of the customer: the fields and identifiers of all members. The very
    same contact comes back when nothing changes, so doing it twice does nothing the second time.

    Raises:
        InvalidValue: it would have more identifiers than it can have.
    """
    root = members[0]
    after = replace(
        root,
        fields=_fields(root, members[1:], wanted),
        identifiers=_identifiers(members, wanted, at, region),
        type=ContactType.CURATED if wanted.promote else root.type,
        expires_date=None if wanted.promote else root.expires_date,
    )
    return root if after == root else replace(after, modified_date=at)


def _told(contact: Mapping[str, object], source: str) -> tuple[dict[str, object], tuple[Identifier, ...]]:
    try:
        told = {name: value for name, value in contact.items() if name != IDENTIFIERS}
        return contact_fields(told), told_identifiers(IDENTIFIERS, contact.get(IDENTIFIERS) or (), source)
    except InvalidValue as error:
        raise error.within("contact") from None


def _rule(name: str, rule: FieldRule) -> FieldRule:
    if name not in RULES_OF_FIELD:
        raise InvalidValue("fieldRules.field", name, f"one of {', '.join(RULES_OF_FIELD)}")
    if rule not in RULES_OF_FIELD[name]:
        allowed = " or ".join(one.value for one in RULES_OF_FIELD[name])
        raise InvalidValue(f"fieldRules.{name}", rule.value, allowed)
    return rule


def _fields(root: Contact, others: Sequence[Contact], wanted: Enrichment) -> Mapping[str, object]:
    shown = merge_fields(others, root.fields)
    now = dict(root.fields)
    for name in (name for name in CONTACT_FIELDS if name in wanted.fields or name in wanted.rules):
        choose = _custom_fields if name == "customFields" else _value
        rule = wanted.rules.get(name, FieldRule.PREFER_PROVIDED)
        value = choose(rule, shown.get(name), wanted.fields.get(name))
        if value in _ABSENT:
            now.pop(name, None)
        elif value != shown.get(name):
            now[name] = value
    return now


def _value(rule: FieldRule, existing: object, told: object) -> object:
    if rule is FieldRule.ALWAYS_USE_PROVIDED:
        return told
    first, second = (existing, told) if rule is FieldRule.PREFER_EXISTING else (told, existing)
    return second if first in _ABSENT else first


def _custom_fields(rule: FieldRule, existing: object, told: object) -> object:
    """Return custom fields: each by the rule, or with ALWAYS_USE_PROVIDED exactly those that were told."""
    there, given = (dict(one) if isinstance(one, Mapping) else {} for one in (existing, told))
    if rule is FieldRule.ALWAYS_USE_PROVIDED:
        return given
    return {**given, **there} if rule is FieldRule.PREFER_EXISTING else {**there, **given}


def _identifiers(
    members: Sequence[Contact], wanted: Enrichment, at: datetime, region: str
) -> tuple[HeldIdentifier, ...]:
    everyones = [one for member in members for one in member.identifiers]
    found_by = {held_identifier(one, at, region).key for one in wanted.matching}
    now, to_add = list(members[0].identifiers), list[Identifier]()
    for type_ in dict.fromkeys(claim.type for claim in wanted.identifiers):
        told = {held_identifier(one, at, region).key: one for one in wanted.identifiers if one.type == type_}
        rule = wanted.rules.get(type_) or wanted.rules.get(IDENTIFIERS, FieldRule.FILL)
        if rule is FieldRule.REPLACE:  # but it keeps what it was found by, to be found again
            now = [one for one in now if one.type != type_ or one.key in told or one.key in found_by]
        there = [one for one in everyones if one.type == type_]
        to_add += [claim for key, claim in told.items() if _is_to_add(key, claim, rule, there)]
    return with_held(now, to_add, at, region)


def _is_to_add(key: tuple[str, str], claim: Identifier, rule: FieldRule, there: Sequence[HeldIdentifier]) -> bool:
    """Tell whether a customer who has these identifiers of the type is to have this one, or is to have it verified."""
    same = [one for one in there if one.key == key]
    if same:
        return claim.verified and not any(one.is_verified for one in same)
    return rule is not FieldRule.FILL or not there


_ABSENT: tuple[object, ...] = (None, "", {}, [])
