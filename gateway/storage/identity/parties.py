"""Contacts with what must be known of their merge sets to join them: a few commands, however many are asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import Contact
from gateway.journey.identity import Party
from gateway.storage.contact_search_keys import SEARCH_FIELDS
from gateway.storage.database import Database
from gateway.storage.documents.contact import contact_from
from gateway.storage.documents.registered_identifier import registered_id
from gateway.storage.identity.register import Key
from gateway.storage.merge_heads import heads_among
from gateway.storage.sight import EVERYTHING, Sight

WITHOUT_SEARCH = dict.fromkeys(SEARCH_FIELDS, 0)


async def parties(
    database: Database,
    contact_ids: Collection[str],
    session: AsyncClientSession | None = None,
    sight: Sight = EVERYTHING,
) -> dict[str, Party]:
    """Return these contacts, as far as they exist and are seen, each with the root of its merge set; by contact id."""
    contacts = await contacts_by_id(database, contact_ids, session)
    found = await parties_of(database, contacts.values(), session)
    return {id_: seen for id_, party in found.items() if (seen := party_seen(party, sight))}


async def parties_of(
    database: Database, contacts: Iterable[Contact], session: AsyncClientSession | None = None
) -> dict[str, Party]:
    """Return contacts that were read before, each with the root of its merge set; by contact id.

    Contacts that nobody was ever joined to, which most are, cost nothing.
    """
    known = {contact.id: contact for contact in contacts}
    root_ids = {contact.root_id for contact in known.values()}
    missing = root_ids - known.keys()
    roots = {**known, **(await contacts_by_id(database, missing, session) if missing else {})}
    with_edges = [id_ for id_ in root_ids if id_ not in roots or roots[id_].has_had_edges]
    members = await _below(database, with_edges, session) if with_edges else {}
    held = {root_id: tuple(one for each in those for one in each.identifiers) for root_id, those in members.items()}
    heads = await heads_among(database, members, session)
    return {
        id_: Party(
            contact,
            roots.get(contact.root_id, contact),
            contact.root_id in heads,
            held.get(contact.root_id, ()),
            tuple(members.get(contact.root_id, ())),
        )
        for id_, contact in known.items()
    }


def party_seen(party: Party, sight: Sight) -> Party | None:
    """Return a contact with its merge set as somebody sees them who may see but some of it, or None: it is hidden."""
    if not sight.hides_contacts:
        return party
    everyone = {one.id: one for one in (party.root, *party.members, party.contact)}
    seen = {id_: one for id_, one in everyone.items() if sight.sees_contact_of(one.division_ids)}
    if party.contact.id not in seen:
        return None
    root = next((seen[id_] for id_ in reversed(party.contact.ancestors) if id_ in seen), party.contact)
    members = tuple(one for one in party.members if one.id in seen)
    held = tuple(identifier for one in members for identifier in one.identifiers)
    return Party(party.contact, root, party.is_head and root is party.root, held, members)


async def holders(
    database: Database,
    keys: Collection[Key],
    session: AsyncClientSession | None = None,
    sight: Sight = EVERYTHING,
) -> dict[Key, Party]:
    """Return who holds these identifiers, given in normal form, as far as somebody seen does; by type and value."""
    held = await registered(database, keys, session)
    found = await parties(database, set(held.values()), session, sight) if held else {}
    return {key: found[contact_id] for key, contact_id in held.items() if contact_id in found}


async def registered(
    database: Database, keys: Collection[Key], session: AsyncClientSession | None = None
) -> dict[Key, str]:
    """Return the ids of the contacts that hold these identifiers, by type and value in normal form."""
    found = {"_id": {"$in": [registered_id(*key) for key in keys]}}
    cursor = database["identifiers"].find(found, batch_size=len(keys) + 1, session=session)
    return {(row["type"], row["value"]): row["contactId"] async for row in cursor}


async def contacts_by_id(
    database: Database, ids: Collection[str], session: AsyncClientSession | None = None
) -> dict[str, Contact]:
    """Return the contacts of these ids that exist, by id."""
    found = {"_id": {"$in": list(ids)}}
    cursor = database["contacts"].find(found, WITHOUT_SEARCH, batch_size=len(ids) + 1, session=session)
    return {row["_id"]: contact_from(row) async for row in cursor}


async def undone_links(
    database: Database, child_ids: Collection[str], session: AsyncClientSession | None = None
) -> set[str]:
    """Return the ids of the links that attached these contacts once, and that somebody has undone."""
    undone = {"childId": {"$in": list(child_ids)}, "undoneDate": {"$exists": True}}
    return {row["_id"] async for row in database["identityEdges"].find(undone, {"_id": 1}, session=session)}


async def _below(
    database: Database, root_ids: Collection[str], session: AsyncClientSession | None
) -> dict[str, list[Contact]]:
    """Return the contacts below each root, for the roots that have any."""
    below = {"ancestors": {"$in": list(root_ids)}}
    found: dict[str, list[Contact]] = defaultdict(list)
    async for row in database["contacts"].find(below, WITHOUT_SEARCH, session=session):
        found[row["ancestors"][-1]].append(contact_from(row))
    return dict(found)
