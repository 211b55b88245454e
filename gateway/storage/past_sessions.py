"""Past sessions with their events, as previews read them: oldest first, some thousand events at a time.

Read by a process of its own, which may wait: the driver is the one that blocks. Each command is small and leaves no
cursor behind, so that a preview that nobody waits for ends in MongoDB too. Sessions are found by the index of their
beginning, their events by that of sessions: intake pays for neither of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from pymongo import MongoClient, ReadPreference, timeout
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from gateway.journey.conditions import Conditions
from gateway.journey.event import NOTHING, Event, Visit
from gateway.journey.preview import PastSession, past_event
from gateway.storage.database import Row
from gateway.storage.errors import MongoDBUnreachable
from gateway.storage.sight import Sight, both

APPLICATION = "journey-gateway preview"
"""What MongoDB calls a preview in its lists of operations."""
SESSIONS_AT_ONCE = 1_000
EVENTS_AT_ONCE = 2_500
"""So few that they are read and played in the twentieth of a second after which the reader may rest."""
MAX_EVENTS = 10_000
"""Events of one session that are read, the first ones; only robots have more."""
MAX_KEPT = 65_536
"""Kinds of events of which is remembered whether they may matter."""
COMMAND_SECONDS = 30.0
"""How long MongoDB may take for one command, busy as it may be."""
ENDING_SECONDS = 2.0
FINDING_SECONDS = 15.0
"""How long a MongoDB is looked for: a nice process on a busy machine has taken more than five seconds."""
VISIT_PARTS: Mapping[str, str] = {
    "device": "device",
    "browser": "browser",
    "mktCampaign": "mkt_campaign",
    "geolocation": "geolocation",
    "referrer": "referrer",
}
"""Stored parts of a visit that context keys are about, and what the domain calls them."""
_OF_SESSION: Row = {
    "contactId": 1,
    "formerContactId": 1,
    "divisionId": 1,
    "createdDate": 1,
    "lastEvent.createdDate": 1,
    "eventCount": 1,
}
_OF_EVENT: Row = {"_id": 0, "sessionId": 1, "sequence": 1}


@dataclass(frozen=True, slots=True)
class Archive:
    """A database, as the driver that blocks sees it, and the session of all that is asked of it."""

    database: Database[Row]
    session: ClientSession


@dataclass(frozen=True, slots=True)
class Past:
    """Which sessions are read: those that began in the interval, of these divisions; None stands for all."""

    since: datetime
    until: datetime
    divisions: frozenset[str] | None = None


@contextmanager
def open_archive(mongodb_url: str, name: str) -> Iterator[Archive]:
    """Connect to a database for reading, on a secondary where there is one; what is left under way is ended.

    Raises:
        MongoDBUnreachable: MongoDB does not answer, now or while it is read.
    """
    try:
        with MongoClient[Row](
            mongodb_url,
            appname=APPLICATION,
            tz_aware=True,
            tzinfo=UTC,
            serverSelectionTimeoutMS=round(FINDING_SECONDS * 1000),
        ) as client:
            client.admin.command("ping")  # a server that is not there is told of soon
            database = client.get_database(
                name, read_concern=ReadConcern("majority"), read_preference=ReadPreference.SECONDARY_PREFERRED
            )
            with client.start_session(causal_consistency=False) as session:
                try:
                    yield Archive(database, session)
                except SystemExit:
                    _end(session)
                    raise
    except PyMongoError as error:
        raise MongoDBUnreachable(f"MongoDB did not tell past sessions: {error}") from error


class Player(Protocol):
    """Who the sessions are read for."""

    def may_match(self, past: PastSession) -> bool:
        """Tell whether a session may match by its events."""

    def may_concern(self, event: Event) -> bool:
        """Tell whether an event may matter."""

    @property
    def needs_some_event(self) -> bool:
        """Whether a session without an event that may matter is played too, with whichever event it has."""


def past_sessions(archive: Archive, past: Past, conditions: Conditions, player: Player) -> Iterator[list[PastSession]]:
    """Yield the sessions in the order in which they began, with what these conditions ask of them and their events.

    Events that cannot matter to the player are left out, and those of sessions that cannot match are not even read.
    Where conditions name each event that they ask for, no others are read; if some event is needed, it has no name.
    """
    of_session, of_event, names = fields_of_session(conditions), fields_of_event(conditions), event_names(conditions)
    begun = (past_event(_ANY_TIME),) if names is not None and player.needs_some_event else ()
    reading = _Reading(archive, of_event, names, _concern(player), player.needs_some_event and not begun)
    for page in _sessions(archive, past, of_session):
        told = [_past_session(row) for row in page]
        wanted = {one.id for one in told if player.may_match(one)}
        for part in _chunks(told, wanted):
            events = reading.events([one.id for one in part.wanted])
            yield [
                one._replace(events=(*begun, *events.get(one.id, ())))
                if one.id in wanted
                else one._replace(is_cut=False)
                for one in part.sessions
            ]


def event_names(conditions: Conditions) -> list[str] | None:
    """Return the names of the events that can matter to these conditions, None if any event can."""
    names = {pattern.event_name for pattern in conditions.journey}
    return sorted(name for name in names if name is not None) if names and None not in names else None


def fields_of_session(conditions: Conditions) -> Row:
    """Return the projection of sessions for these conditions."""
    keys = {criterion.key for criterion in conditions.about_visit}
    return _OF_SESSION | {key: 1 for key in sorted(keys) if key == "authenticated" or key.split(".")[0] in VISIT_PARTS}


def fields_of_event(conditions: Conditions) -> Row:
    """Return the projection of events for these conditions."""
    keys = {criterion.key for pattern in conditions.journey for criterion in pattern.criteria}
    if any(pattern.event_name is not None for pattern in conditions.journey):
        keys.add("eventName")
    paths = {_path_of(key) for key in keys}
    if "attributes" in paths:  # MongoDB refuses a part beside the whole
        paths = {path for path in paths if not path.startswith("attributes.")}
    return _OF_EVENT | dict.fromkeys(sorted(paths), 1)


def _end(session: ClientSession) -> None:
    """Have MongoDB give up what it does for a session, on every node; it may see late that nobody listens any more."""
    with suppress(PyMongoError), timeout(ENDING_SECONDS):
        session.client.admin.command({"killSessions": [session.session_id]})


def _path_of(key: str) -> str:
    """Return where the value of a journey key is stored; the parts of the page's address come from its URL."""
    if key.startswith("attributes."):
        name = key.removeprefix("attributes.").removesuffix(".value")
        return "attributes" if "." in name or name.startswith("$") else f"attributes.{name}"  # no path names those
    if key.startswith("page.") and key not in {"page.title", "page.keywords"}:
        return "page.url"
    return key


def _sessions(archive: Archive, past: Past, fields: Row) -> Iterator[list[Row]]:
    """Yield pages of sessions; each begins behind the last session of the one before."""
    seen = Sight(past.divisions).of("sessions")
    behind: Row = {"createdDate": {"$gte": past.since, "$lt": past.until}}
    while True:
        found = archive.database["sessions"].find(
            both(behind, seen), fields, session=archive.session, batch_size=SESSIONS_AT_ONCE + 1
        )
        with timeout(COMMAND_SECONDS):
            page = found.sort({"createdDate": 1, "_id": 1}).limit(SESSIONS_AT_ONCE).to_list()
        if page:
            yield page
        if len(page) < SESSIONS_AT_ONCE:
            return
        last = page[-1]["createdDate"]
        behind = {
            "createdDate": {"$gte": last, "$lt": past.until},
            "$or": [{"createdDate": {"$gt": last}}, {"_id": {"$gt": page[-1]["_id"]}}],
        }


class _Part(NamedTuple):
    """Sessions, and those among them of which the events are wanted."""

    sessions: list[PastSession]
    wanted: list[PastSession]


def _chunks(page: Iterable[PastSession], wanted: Collection[str]) -> Iterator[_Part]:
    """Yield the sessions of a page in parts of which about EVENTS_AT_ONCE events are wanted."""
    part, events = _Part([], []), 0
    for one in page:
        count = one.event_count if one.id in wanted else 0
        if part.wanted and events + count > EVENTS_AT_ONCE:
            yield part
            part, events = _Part([], []), 0
        part.sessions.append(one)
        if one.id in wanted:
            part.wanted.append(one)
        events += count
    yield part


@dataclass(frozen=True, slots=True)
class _Reading:
    """How events are read: their `fields`, their `names`, None for any, and which are kept: one at least, or none."""

    archive: Archive
    fields: Row
    names: list[str] | None
    concerns: Callable[[Row], bool]
    one_at_least: bool

    def events(self, ids: list[str]) -> Mapping[str, list[Event]]:
        """Return the events of sessions, by session, in order of arrival."""
        kept: dict[str, list[Row]] = {}
        for row in self._rows(ids) if ids else ():
            if self.concerns(row) or (self.one_at_least and row["sessionId"] not in kept):
                kept.setdefault(row["sessionId"], []).append(row)
        return {id_: [_event(row) for row in sorted(rows, key=_sequence)] for id_, rows in kept.items()}

    def _rows(self, ids: list[str]) -> list[Row]:
        wanted: Row = {"sessionId": ids[0] if len(ids) == 1 else {"$in": ids}}
        if self.names is not None:
            wanted["eventName"] = {"$in": self.names}
        found = self.archive.database["events"].find(
            wanted, self.fields, session=self.archive.session, hint="session", batch_size=EVENTS_AT_ONCE + 1
        )
        with timeout(COMMAND_SECONDS):
            return (found.limit(MAX_EVENTS) if len(ids) == 1 else found).to_list()


def _concern(player: Player) -> Callable[[Row], bool]:
    """Return what tells whether a stored event may matter; of those alike, such as views of one page, it asks once."""

    @lru_cache(maxsize=MAX_KEPT)
    def of_those_alike(name: str, url: object, title: object, keywords: object, query: str | None) -> bool:
        return player.may_concern(
            past_event(_ANY_TIME, name, {"url": url, "title": title, "keywords": keywords}, query)
        )

    def concerns(row: Row) -> bool:
        if "attributes" in row:
            return player.may_concern(_event(row))
        page = row.get("page") or NOTHING
        name, query = row.get("eventName", ""), row.get("searchQuery")
        return of_those_alike(name, page.get("url"), page.get("title"), page.get("keywords"), query)

    return concerns


def _event(row: Row) -> Event:
    attributes = row.get("attributes", NOTHING)
    return past_event(_ANY_TIME, row.get("eventName", ""), row.get("page"), row.get("searchQuery"), attributes)


_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_sequence = itemgetter("sequence")


def _past_session(row: Mapping[str, Any]) -> PastSession:
    """Return a stored session without its events; of one that has too many, some will be cut if all of them matter."""
    told = {part: row[stored] for stored, part in VISIT_PARTS.items() if stored in row}
    return PastSession(
        row["_id"],
        row["contactId"],
        row.get("formerContactId") or row["contactId"],
        row["createdDate"],
        row["lastEvent"]["createdDate"],
        Visit(**told) if told else _UNKNOWN,
        row.get("authenticated", False),
        event_count=min(row["eventCount"], MAX_EVENTS),
        is_cut=row["eventCount"] > MAX_EVENTS,
        division_id=row.get("divisionId"),
    )


_UNKNOWN = Visit()
