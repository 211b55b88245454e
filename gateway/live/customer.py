"""Which contacts are the customer that somebody follows, at a place of the change stream.

What is joined or parted in a transaction is so for all of it: the first edge of the transaction that concerns the
customer tells of every contact that came in, and of all that the transaction wrote of them, wherever in it. That makes
the same messages of the same change whenever it is told: at once, or to a subscriber who comes back.
"""

from dataclasses import dataclass

from gateway.live.cursor import LiveCursor
from gateway.live.happening import EDGES, TIMER, Happening
from gateway.storage.as_of import Moment, PastLost, moment_of
from gateway.storage.change_stream import Change, changes
from gateway.storage.database import Database
from gateway.storage.identity.merge_sets import merge_set_as_of, merge_set_now

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """The contacts that are one customer. `joined` came in at `moment`, and were told of then with their history."""

    members: frozenset[str]
    joined: frozenset[str] = NOBODY
    moment: Moment | None = None

    def has(self, happening: Happening) -> bool:
        """Tell whether it happened to the customer, and was not told with the history of who had just come in."""
        contact_id = happening.row["contactId"]
        if contact_id not in self.joined:
            return contact_id in self.members
        return happening.collection == TIMER or moment_of(happening.after.token) != self.moment

    def is_at(self, edge: Happening | Change) -> bool:
        """Tell whether an edge was made or undone at one of the contacts."""
        return not self.members.isdisjoint(ends_of(edge))

    def after(self, members: frozenset[str], moment: Moment) -> "Standing":
        """Return the standing once these are the customer, from this moment on."""
        return self if members == self.members else Standing(members, members - self.members, moment)


def ends_of(edge: Happening | Change) -> tuple[str, str]:
    """Return the two contacts that an edge joins, or joined."""
    return edge.row["childId"], edge.row["parentId"]


async def standing_at(database: Database, contact_id: str, place: LiveCursor) -> Standing:
    """Return what is one customer with this contact at a place of the stream.

    Raises:
        PastLost: MongoDB no longer keeps that moment.
    """
    moment = moment_of(place.token)
    now, last = await merge_set_now(database, contact_id)
    if last < moment:  # where a new stream begins, nothing has happened yet
        return Standing(now)
    standing = Standing(await merge_set_as_of(database, contact_id, moment))
    try:
        before = Standing(await merge_set_as_of(database, contact_id, moment.before))
    except PastLost:  # nothing is older than the collection
        return standing
    if before == standing or await _is_passed(database, before, moment, place.token):
        return before.after(standing.members, moment)
    return before


async def _is_passed(database: Database, before: Standing, moment: Moment, token: str) -> bool:
    """Tell whether the place, within a transaction, comes after its first edge that concerns the customer."""
    async for item in changes(database, (EDGES,), since=moment):
        if item.token > token:
            break
        if isinstance(item, Change) and before.is_at(item):
            return True
    return False
