"""What sessions and contacts must look like, worked out from the stored events alone, and compared with what is stored.

The product moves its documents on event by event, as they arrive. Here each visit is seen as a whole, afterwards: if
any event had been applied twice, not at all, or to another state than the newest, the two would differ.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from gateway.journey.contact import contact_id_of
from gateway.journey.event import PAGE_VIEWED
from gateway.journey.ids import derive_id
from gateway.settings import Settings
from gateway.storage.connection import connect
from snippet.clock import whole_milliseconds
from tests.crash.ledger import Ledger
from tests.crash.traffic import ORDER_COMPLETED

Row = dict[str, Any]
"""A document as MongoDB holds it, or the part of one that is compared."""

SESSION_TIMEOUT = timedelta(minutes=20)
"""The product's default; it lies between the SPREAD and the LONGEST_TIMEOUT of the traffic."""
MOST_DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that the database holds of journeys."""

    events: Sequence[Row]
    sessions: Sequence[Row]
    contacts: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Recount:
    """The figures of a run, and each way in which what is stored differs from what was promised."""

    acknowledged: int
    lost: int
    duplicated: int
    differences: Sequence[str]


async def read_stored(url: str) -> Stored:
    """Return what a majority of this MongoDB has."""
    async with await connect(url, Settings.read({}).database) as connection:
        events, sessions, contacts = [
            await connection.database[name].find().to_list() for name in ("events", "sessions", "contacts")
        ]
    return Stored(events, sessions, contacts)


def recount(stored: Stored, ledger: Ledger) -> Recount:
    """Compare what is stored with what was acknowledged, and sessions and contacts with the events they come from."""
    times_stored = Counter(row["messageId"] for row in stored.events)
    lost = ledger.acknowledged - times_stored.keys()
    duplicated = [id_ for id_, times in times_stored.items() if times > 1]
    visits = _visits(stored.events)
    differences = [
        *(f"{id_} was acknowledged and is not stored" for id_ in sorted(lost)),
        *(f"{id_} is stored {times_stored[id_]} times" for id_ in duplicated),
        *_unlike_sent(stored.events, ledger),
        *_in_other_sessions(visits),
        *_unequal("session", _sessions_of(visits), _parts(stored.sessions, _session_part)),
        *_unequal("contact", _contacts_of(visits), _parts(stored.contacts, _contact_part)),
    ]
    return Recount(len(ledger.acknowledged), len(lost), len(duplicated), differences[:MOST_DIFFERENCES])


def _unlike_sent(events: Sequence[Row], ledger: Ledger) -> Iterator[str]:
    for row in events:
        call = ledger.sent.get(row["messageId"])
        if call is None:
            yield f"{row['messageId']} is stored and was never sent"
        elif row["customerId"] != call["anonymousId"]:
            yield f"{row['messageId']} was sent by {call['anonymousId']} and is stored for {row['customerId']}"
        elif "timestamp" in call and row["createdDate"] != _date(call["timestamp"]):
            yield f"{row['messageId']} happened at {call['timestamp']} and is stored for {row['createdDate']}"


def _date(text: object) -> datetime:
    return whole_milliseconds(datetime.fromisoformat(str(text)))


def _visits(events: Sequence[Row]) -> list[list[Row]]:
    """Return the events of each visit in the order in which they were applied; visits are told apart by the pauses."""
    by_visitor: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(events, key=lambda row: row["createdDate"]):
        by_visitor[row["customerId"]].append(row)
    visits: list[list[Row]] = []
    for those in by_visitor.values():
        visits.append([those[0]])
        for earlier, later in pairwise(those):
            if later["createdDate"] - earlier["createdDate"] >= SESSION_TIMEOUT:
                visits.append([])
            visits[-1].append(later)
    return [sorted(visit, key=lambda row: row["sequence"]) for visit in visits]


def _in_other_sessions(visits: Sequence[Sequence[Row]]) -> Iterator[str]:
    for visit in visits:
        session_id, contact_id = _session_id(visit), contact_id_of("cookie", visit[0]["customerId"])
        for row in visit:
            if (row["sessionId"], row["contactId"]) != (session_id, contact_id):
                yield f"event {row['_id']} stands in session {row['sessionId']} and belongs into {session_id}"
        if [row["sequence"] for row in visit] != list(range(1, len(visit) + 1)):
            yield f"session {session_id} has events of sequence {[row['sequence'] for row in visit]}"


def _session_id(visit: Sequence[Row]) -> str:
    return derive_id("session", visit[0]["_id"])


def _sessions_of(visits: Sequence[Sequence[Row]]) -> dict[str, Row]:
    return {_session_id(visit): _session_of(visit) for visit in visits}


def _session_of(visit: Sequence[Row]) -> Row:
    dates = sorted(row["createdDate"] for row in visit)
    orders = [row for row in visit if row["eventName"] == ORDER_COMPLETED]
    return {
        "contactId": contact_id_of("cookie", visit[0]["customerId"]),
        "createdDate": dates[0],
        "lastEvent": max(visit, key=lambda row: (row["createdDate"], row["sequence"]))["_id"],
        "previousEventDate": dates[-2] if len(dates) > 1 else None,
        "eventCount": len(visit),
        "pageviewCount": sum(row["eventName"] == PAGE_VIEWED for row in visit),
        "achievedBy": [order["_id"] for order in orders[:1]],  # the first that was applied; later ones achieve nothing
    }


def _session_part(row: Row) -> Row:
    plain = ("contactId", "createdDate", "eventCount", "pageviewCount")
    return {name: row[name] for name in plain} | {
        "lastEvent": row["lastEvent"]["id"],
        "previousEventDate": row.get("previousEventDate"),
        "achievedBy": [achievement["eventId"] for achievement in row.get("outcomeAchievements", ())],
    }


def _contacts_of(visits: Sequence[Sequence[Row]]) -> dict[str, Row]:
    contacts: dict[str, Row] = {}
    for visit in visits:
        contact = contacts.setdefault(
            contact_id_of("cookie", visit[0]["customerId"]),
            {"sessionCount": 0, "createdDate": visit[0]["createdDate"], "emails": set()},
        )
        contact["sessionCount"] += 1
        contact["createdDate"] = min(contact["createdDate"], *(row["createdDate"] for row in visit))
        contact["emails"] |= {row["traits"]["email"] for row in visit if "email" in row.get("traits", ())}
    return contacts


def _contact_part(row: Row) -> Row:
    emails = {identifier["value"] for identifier in row["identifiers"] if identifier["type"] == "Email"}
    return {"sessionCount": row["sessionCount"], "createdDate": row["createdDate"], "emails": emails}


def _parts(rows: Sequence[Row], part: Callable[[Row], Row]) -> dict[str, Row]:
    return {row["_id"]: part(row) for row in rows}


def _unequal(kind: str, expected: Mapping[str, Row], found: Mapping[str, Row]) -> Iterator[str]:
    for id_ in sorted(expected.keys() | found.keys()):
        ought, does = expected.get(id_), found.get(id_)
        if ought is None or does is None:
            yield f"{kind} {id_} {'has no events' if ought is None else 'is not stored'}"
        elif ought != does:
            wrong = {name: (does[name], ought[name]) for name in ought if does[name] != ought[name]}
            yield f"{kind} {id_} differs from its events in (stored, recounted): {wrong}"
