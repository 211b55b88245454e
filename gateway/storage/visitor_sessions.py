"""The sessions of visitors, as a batch of intake reads them: from MongoDB those that the process does not know."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bson.codec_options import CodecOptions
from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.database import Database, Row
from gateway.storage.documents.session import VISIT_PARTS, session_from
from gateway.storage.known_sessions import KnownSession, KnownSessions

WITHOUT_VISIT = dict.fromkeys(VISIT_PARTS.values(), 0)
STAMP = {"eventCount": 1, "revision": 1}
"""What tells whether a session is still what is known of it."""
SESSIONS_AT_ONCE = 1_000
"""Sessions in one answer of MongoDB, so that those of a batch come in one; the default is 101."""
_DATES_WITHOUT_ZONE = CodecOptions[Row](tz_aware=False)
"""See `in_utc`."""


class Snapshot(NamedTuple):
    """A database as one transaction sees it."""

    database: Database
    session: AsyncClientSession


async def sessions_of_visitors(
    snapshot: Snapshot, customer_ids: Sequence[str], since: datetime, known: KnownSessions, *, with_visit: bool
) -> dict[str, KnownSession]:
    """Return the sessions of these visitors whose last event came after `since`, by id, as the snapshot holds them."""
    near = {"customerId": {"$in": list(customer_ids)}, "activeDate": {"$gt": since}}
    fields = {} if with_visit else WITHOUT_VISIT
    in_two = known.is_worth_asking(len(customer_ids))
    # While nobody is there MongoDB prefers the index `active`, and would stick to it for a while when many come.
    rows = await _rows(snapshot, near, STAMP if in_two else fields, "visitor")
    found = {row["_id"]: known.take(row, with_visit=with_visit) for row in rows}
    missing = [id_ for id_, one in found.items() if one is None]
    known.learn(len(customer_ids), len(found) - len(missing), len(missing))
    if missing and in_two:
        rows = await _rows(snapshot, {"_id": {"$in": missing}}, fields, "_id_")
    read = {row["_id"]: _read(row, with_visit=with_visit) for row in rows if found[row["_id"]] is None}
    return {id_: one or read[id_] for id_, one in found.items()}


async def _rows(snapshot: Snapshot, wanted: Row, fields: Mapping[str, int], index: str) -> list[Row]:
    sessions = snapshot.database["sessions"].with_options(_DATES_WITHOUT_ZONE)
    found = sessions.find(wanted, fields, hint=index, batch_size=SESSIONS_AT_ONCE, session=snapshot.session)
    return await found.to_list()


def _read(row: Row, *, with_visit: bool) -> KnownSession:
    return KnownSession(session_from(row), row.get("revision", 0), with_visit)
