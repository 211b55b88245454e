"""What must be known to apply a batch: its visitors, and who holds the identifiers that they claim."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.journey.advance import Visitor, needs_contact
from gateway.journey.contact import Contact, claims_of, contact_id_of, news_among
from gateway.journey.definitions import Definitions
from gateway.journey.directory import Directory, Key
from gateway.journey.event import Event, Identifier
from gateway.journey.identity import Party, contradiction, decisive
from gateway.journey.identity_owner import successor_id_of
from gateway.storage.batch_commit import BatchTransaction

Claims = Mapping[str, Sequence[Identifier]]
"""By contact id of the visitor: what its events claim, in normal form, that is not known of it for sure."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The visitors of a batch, by the id of their first contact, and the directory of identifiers."""

    visitors: Mapping[str, Visitor]
    directory: Directory = field(default_factory=Directory)


async def load_crowd(transaction: BatchTransaction, events: Sequence[Event], definitions: Definitions) -> Crowd:
    """Return what must be known to apply these events; a batch without claims asks for sessions and contacts alone."""
    by_visitor = _by_visitor(events)
    visitors = await _visitors(transaction, by_visitor, definitions)
    claims = _claims(by_visitor, visitors, definitions)
    if not claims:
        return Crowd(visitors)
    held = await transaction.registered(_keys(claims))
    known = {contact.id: contact for id_ in claims for contact in visitors[id_].contacts.values()}
    if strangers := set(held.values()) - known.keys():
        known |= await transaction.contacts(list(strangers))
    parties = await transaction.parties(known.values()) if known else {}
    visitors |= {id_: _with_set(visitors[id_], parties) for id_ in claims}
    if others := await _others_on_the_device(transaction, claims, visitors, by_visitor):
        visitors |= {id_: _with_set(visitors[id_]._replace(contacts=those), parties) for id_, those in others.items()}
        parties |= await transaction.parties([contact for those in others.values() for contact in those.values()])
    holders = {key: parties[id_] for key, id_ in held.items() if id_ in parties}
    roots = {party.root.id for party in parties.values() if party.root.has_had_edges}
    undone = await transaction.undone_links(roots) if holders and roots else set()
    return Crowd(visitors, Directory(parties.values(), holders, undone))


async def _visitors(
    transaction: BatchTransaction, by_visitor: Mapping[str, Sequence[Event]], definitions: Definitions
) -> dict[str, Visitor]:
    events = [event for those in by_visitor.values() for event in those]
    earliest = min(event.created_date for event in events)
    customer_ids = {event.customer_id for event in events}
    since = earliest - definitions.session_timeout
    sessions = await transaction.sessions(list(customer_ids), since, with_visit=definitions.ask_about_visit)
    known = {contact_id: tuple(sessions.get(contact_id, ())) for contact_id in by_visitor}
    needed = [id_ for id_, those in by_visitor.items() if needs_contact(known[id_], those, definitions)]
    contacts = await transaction.contacts(needed) if needed else {}
    visitors = {id_: Visitor(id_, _only(contacts.get(id_)), known[id_]) for id_ in by_visitor}
    successors = {contact.successor_id: id_ for id_, contact in contacts.items() if contact.successor_id}
    if successors:
        for id_, contact in (await transaction.contacts(list(successors))).items():
            first = visitors[successors[id_]]
            visitors[first.contact_id] = first._replace(contacts={**first.contacts, id_: contact})
    return visitors


async def _others_on_the_device(
    transaction: BatchTransaction,
    claims: Claims,
    visitors: Mapping[str, Visitor],
    by_visitor: Mapping[str, Sequence[Event]],
) -> dict[str, Mapping[str, Contact]]:
    """Return the contacts of visitors whose cookie others may use as well: with those whom the claims may be about."""
    possible: dict[str, str] = {}
    for id_, told in claims.items():
        visitor, first = visitors[id_], visitors[id_].first
        if first is None or not _is_somebody_else(visitor, told):
            continue
        sender = by_visitor[id_][0]
        for type_, values in decisive((), told).items():
            for value in values:
                possible[successor_id_of(sender.customer_id_type, sender.customer_id, type_, value)] = id_
    found = await transaction.contacts(list(possible)) if possible else {}
    others: dict[str, Mapping[str, Contact]] = {}
    for contact_id, contact in found.items():
        id_ = possible[contact_id]
        others[id_] = {**others.get(id_, visitors[id_].contacts), contact_id: contact}
    return others


def _is_somebody_else(visitor: Visitor, told: Sequence[Identifier]) -> bool:
    known = (held for contact in visitor.contacts.values() for held in contact.identifiers)
    return (
        len(visitor.contacts) > 1
        or contradiction(decisive((), told), decisive((*known, *visitor.set_identifiers))) is not None
    )


def _with_set(visitor: Visitor, parties: Mapping[str, Party]) -> Visitor:
    first = visitor.first
    in_use = (first.successor_id if first else None) or visitor.contact_id
    return visitor._replace(set_identifiers=parties[in_use].set_identifiers if in_use in parties else ())


def _claims(
    by_visitor: Mapping[str, Sequence[Event]], visitors: Mapping[str, Visitor], definitions: Definitions
) -> dict[str, list[Identifier]]:
    found = {id_: _news(visitors[id_], those, definitions) for id_, those in by_visitor.items()}
    return {id_: claims for id_, claims in found.items() if claims}


def _news(visitor: Visitor, events: Sequence[Event], definitions: Definitions) -> list[Identifier]:
    """Return the claims that are news of one of the visitor's contacts: whose they are is told when they are played."""
    claims = [claim for event in events for claim in claims_of(event, definitions.default_region)]
    if not claims or not visitor.contacts:
        return claims
    return list(dict.fromkeys(news for one in visitor.contacts.values() for news in news_among(claims, one)))


def _keys(claims: Claims) -> set[Key]:
    return {claim.key for those in claims.values() for claim in those}


def _by_visitor(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(contact_id_of(event.customer_id_type, event.customer_id), []).append(event)
    return found


def _only(contact: Contact | None) -> dict[str, Contact]:
    return {contact.id: contact} if contact else {}
