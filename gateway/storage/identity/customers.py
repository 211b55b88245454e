"""Whole customers: who holds these identifiers or has these ids, each with everything that is merged with it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import contact_id_of
from gateway.journey.enrichment import Enrichment
from gateway.journey.enrichment_plan import Customers, Key, keys_of
from gateway.journey.identifier import IdentifierType
from gateway.storage.database import Database, Row
from gateway.storage.documents.contact import contact_from
from gateway.storage.documents.registered_identifier import registered_id
from gateway.storage.identity.seen import as_seen
from gateway.storage.merge_heads import heads_among
from gateway.storage.sight import EVERYTHING, Sight

_COOKIE = IdentifierType.COOKIE.value


async def learn_customers(  # noqa: PLR0913, PLR0917 - what is asked, and what is known and seen
    database: Database,
    customers: Customers,
    requests: Iterable[Enrichment],
    region: str,
    session: AsyncClientSession | None = None,
    sight: Sight = EVERYTHING,
) -> None:
    """Add to what is known everybody seen whom these requests may be about; whom a plan knows already stays as it is.

    Four commands at most, and one more for cookies that went on to another person; however many requests there are.
    """
    wanted = list(requests)
    keys = {key for one in wanted for key in keys_of(one, region)}
    new_keys = [key for key in keys if key not in customers.holders]
    find = _first_seen if sight.hides_contacts else _holders
    holders = await find(database, new_keys, session, sight)
    named = [id_ for one in wanted for id_ in (one.contact_id, one.new_id) if id_]
    ids = {*named, *(id_ for id_, _ in holders.values())} - customers.contacts.keys()
    found = await _merge_sets(database, ids, session, sight)
    rows = [row for row in found if row["_id"] not in customers.contacts]
    for row in rows:
        customers.add(contact_from(row))
    customers.holders |= {key: id_ for key, (id_, _) in holders.items() if id_ in customers.contacts}
    customers.since |= {key: since for key, (_, since) in holders.items()}
    roots = {row["ancestors"][-1] for row in rows if "ancestors" in row}
    customers.heads |= await heads_among(database, list(roots), session)


async def _first_seen(
    database: Database, keys: Sequence[Key], session: AsyncClientSession | None, sight: Sight
) -> dict[Key, tuple[str, datetime]]:
    """Return the same where contacts are hidden: whoever is seen that claims an identifier, and was created first."""
    found: dict[Key, tuple[str, datetime]] = {}
    for type_, value in keys:
        claimed = {"identifiers": {"$elemMatch": {"type": type_, "value": value, "isNormalised": True}}}
        first = {"sort": {"createdDate": 1, "_id": 1}, "session": session}
        row = await database["contacts"].find_one({**claimed, **sight.of("contacts")}, {"createdDate": 1}, **first)
        if row is not None:
            found[type_, value] = (row["_id"], row["createdDate"])
    return found


async def _holders(
    database: Database, keys: Sequence[Key], session: AsyncClientSession | None, _sight: Sight
) -> dict[Key, tuple[str, datetime]]:
    """Return who holds these identifiers, by id, and since when it counts; a cookie is held by who uses it now."""
    ids = [registered_id(*key) for key in keys if key[0] != _COOKIE]
    registered = database["identifiers"].find({"_id": {"$in": ids}}, session=session)
    found = {(row["type"], row["value"]): (row["contactId"], row["contactCreatedDate"]) async for row in registered}
    visitors = {contact_id_of("cookie", value): (type_, value) for type_, value in keys if type_ == _COOKIE}
    if visitors:
        fields = {"successorId": 1, "createdDate": 1}
        rows = database["contacts"].find({"_id": {"$in": list(visitors)}}, fields, session=session)
        users = {row["_id"]: (row.get("successorId") or row["_id"], row["createdDate"]) async for row in rows}
        found |= {visitors[id_]: user for id_, user in users.items()}
    return found


async def _merge_sets(
    database: Database, ids: Collection[str], session: AsyncClientSession | None, sight: Sight
) -> list[Row]:
    """Return these contacts, and everything that is merged with one of them, as far as they are seen."""
    if not ids:
        return []
    contacts = database["contacts"]
    these = {"_id": {"$in": list(ids)}, **sight.of("contacts")}
    places = contacts.find(these, {"ancestors": 1}, session=session)
    roots = [(row.get("ancestors") or [row["_id"]])[-1] async for row in places]
    if not roots:
        return []
    whole = {"$or": [{"_id": {"$in": roots}}, {"ancestors": {"$in": roots}}]}
    return await as_seen(database, await contacts.find(whole, session=session).to_list(), sight, session)
