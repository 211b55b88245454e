"""Several enrichments, one after the other, over what is known of the customers that they may be about.

The plan holds the state in between: what one request creates or changes, the next one finds. Storage fills it with what
is stored, and writes what has changed; a dry run only reads what would come of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.journey.contact import Contact
from gateway.journey.contact_record import matchable
from gateway.journey.enrichment import EnrichAction, Enrichment, EnrichStatus, created, enriched
from gateway.journey.event import Identifier
from gateway.journey.identifier import DEFAULT_REGION, normalised
from gateway.journey.identity import Party
from gateway.journey.identity_resolution import Candidate, candidates_of
from gateway.journey.ids import derive_id
from gateway.journey.merge_fields import merged_head

MAX_MERGED = 25
"""Contacts that one merge takes."""
Key = tuple[str, str]
"""Type and normal form of an identifier."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """What became of a request. `contact` is the customer's own contact as it is now, None without a match.

    `matched` is the identifier that it was found by, None where it was found by its id. `merged_ids` are the roots that
    were merged for it. `candidates` are other customers that what was told points to.
    """

    status: EnrichStatus
    contact: Contact | None = None
    matched: Identifier | None = None
    merged_ids: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The root of a customer that a request is about, and the identifier that leads there, in normal form."""

    root_id: str
    by: Identifier | None


@dataclass(slots=True)
class Customers:
    """Contacts by id, whole merge sets; who holds which identifier, and since when that counts; heads of merges.

    `changed` has the ids of the contacts that were created or changed, in this order; `lost` what they hold no longer.
    """

    contacts: dict[str, Contact] = field(default_factory=dict)
    holders: dict[Key, str] = field(default_factory=dict)
    since: dict[Key, datetime] = field(default_factory=dict)
    heads: set[str] = field(default_factory=set)
    changed: dict[str, None] = field(default_factory=dict)
    lost: set[Key] = field(default_factory=set)
    _sets: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, contact: Contact) -> None:
        """Take in a contact as it is stored."""
        self.contacts[contact.id] = contact
        self._sets.setdefault(contact.root_id, {})[contact.id] = None

    def change(self, contact: Contact) -> None:
        """Take in a contact as it shall be; of those that claim an identifier, the first that was created holds it."""
        before = self.contacts.get(contact.id)
        self.add(contact)
        self.changed[contact.id] = None
        claimed = matchable(contact.identifiers)
        lost = matchable(before.identifiers) - claimed if before else set()
        self.lost |= lost
        for key in lost:
            if self.holders.get(key) == contact.id:
                del self.holders[key]
        for key in claimed:
            if key not in self.holders or contact.created_date < self.since[key]:
                self.holders[key] = contact.id
                self.since[key] = contact.created_date

    def members(self, root_id: str) -> list[Contact]:
        """Return a merge set, its root first."""
        return [self.contacts[root_id], *(self.contacts[id_] for id_ in self._sets[root_id] if id_ != root_id)]

    def party(self, contact_id: str) -> Party:
        """Return a contact with what is known of its merge set."""
        contact = self.contacts[contact_id]
        others = self.members(contact.root_id)
        held = tuple(one for member in others for one in member.identifiers)
        return Party(contact, others[0], contact.root_id in self.heads, held)

    def merge(self, root_ids: Sequence[str], at: datetime) -> str:
        """Put these roots below a new contact, and return its id: what a dry run sees of a merge."""
        everyone = [member for root_id in root_ids for member in self.members(root_id)]
        head = merged_head(derive_id("merge", *root_ids), everyone, {}, at)
        self.add(head)
        self.heads.add(head.id)
        for member in everyone:
            self._sets.pop(member.root_id, None)
        for member in everyone:
            self.add(replace(member, ancestors=(*member.ancestors, head.id)))
        return head.id


def matches(customers: Customers, wanted: Enrichment, region: str = DEFAULT_REGION) -> tuple[Match, ...]:
    """Return the customers that a request may be about, each once, the first to be named first."""
    forms = _forms(wanted.matching, region)
    named = [(wanted.contact_id, None), *((customers.holders.get(one.key), one) for one in forms)]
    found: dict[str, Match] = {}
    for contact_id, by in (*named, (wanted.new_id, None)):
        contact = customers.contacts.get(contact_id or "")
        if contact is not None:
            found.setdefault(contact.root_id, Match(contact.root_id, by))
    return tuple(found.values())


def keys_of(wanted: Enrichment, region: str = DEFAULT_REGION) -> set[Key]:
    """Return every identifier whose holder a request may have to do with."""
    return {told.key for told in _forms((*wanted.matching, *wanted.identifiers), region)}


def one_a_customer(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return each customer once, with all that speaks for it."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        known = found.setdefault(candidate.root_id, candidate)
        reasons = dict.fromkeys((*known.reasons[:-1], *candidate.reasons))  # the last one is what the customer is
        found[candidate.root_id] = replace(known, reasons=tuple(reasons))
    return tuple(found.values())


def to_merge(customers: Customers, wanted: Enrichment, region: str = DEFAULT_REGION) -> tuple[str, ...]:
    """Return the roots that a request asks to be merged before all else, or none."""
    roots = tuple(match.root_id for match in matches(customers, wanted, region))
    return roots[:MAX_MERGED] if wanted.action is EnrichAction.MERGE and len(roots) > 1 else ()


def enrich(customers: Customers, wanted: Enrichment, at: datetime, region: str = DEFAULT_REGION) -> Enriched:
    """Do a request, and return what became of it.

    Raises:
        InvalidValue: the contact would have more identifiers than it can have; nothing has changed.
    """
    found = matches(customers, wanted, region)
    if not found:
        return _without_match(customers, wanted, at, region)
    match = found[0]
    if wanted.action is EnrichAction.INSERT:
        root = customers.contacts[match.root_id]
        return Enriched(EnrichStatus.UNCHANGED, root, match.by, (), _candidates(customers, wanted, root.id, region))
    merged_ids = to_merge(customers, wanted, region)
    root_id = customers.merge(merged_ids, at) if merged_ids else match.root_id
    before = customers.contacts[root_id]
    after = enriched(customers.members(root_id), wanted, at, region)
    if after is not before:
        customers.change(after)
    status = EnrichStatus.UNCHANGED if after is before else EnrichStatus.UPDATED
    status = EnrichStatus.MERGED if merged_ids else status
    return Enriched(status, after, match.by, merged_ids, _candidates(customers, wanted, root_id, region))


def _without_match(customers: Customers, wanted: Enrichment, at: datetime, region: str) -> Enriched:
    if wanted.action is EnrichAction.UPDATE:
        return Enriched(EnrichStatus.NO_MATCH)
    contact = created(wanted, at, region)
    customers.change(contact)
    return Enriched(EnrichStatus.CREATED, contact, None, (), _candidates(customers, wanted, contact.id, region))


def _candidates(customers: Customers, wanted: Enrichment, root_id: str, region: str) -> tuple[Candidate, ...]:
    """Return the other customers that hold an identifier which was told; each once, with all that speaks for it."""
    found: list[Candidate] = []
    for told in _forms((*wanted.matching, *wanted.identifiers), region):
        holder = customers.contacts.get(customers.holders.get(told.key, ""))
        if holder is not None and holder.root_id != root_id:
            found += candidates_of([customers.party(holder.id)], told)
    return one_a_customer(found)


def _forms(identifiers: Iterable[Identifier], region: str) -> list[Identifier]:
    """Return the identifiers in normal form, without those that have none."""
    forms = ((one, normalised(one.type, one.value, region)) for one in identifiers)
    return [one._replace(value=form) for one, form in forms if form is not None]
