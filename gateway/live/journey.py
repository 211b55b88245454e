"""The journey feed: everything that happens to one customer, event by event."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from gateway.live.happening import Happening, Topic
from gateway.storage.as_of import moment_of
from gateway.storage.database import Database, Row
from gateway.storage.identity.merge_sets import event_ids_as_of
from gateway.storage.rows import rows_by_id
from gateway.storage.sight import EVERYTHING, Sight

AT_A_TIME = 200
"""Events of a history that are held in memory."""


@dataclass(frozen=True, slots=True)
class JourneyWish:
    """The contact whose customer a subscriber wants to know of, and what the subscriber sees."""

    contact_id: str
    sight: Sight = EVERYTHING

    @property
    def topic(self) -> Topic:
        """The contact."""
        return "contact", self.contact_id

    def told(self, happening: Happening) -> Sequence[Row]:
        """Return the event of it, if it is one."""
        return (happening.row,) if self.concerns(happening) else ()

    def concerns(self, happening: Happening) -> bool:
        """Tell whether it is an event that the subscriber sees."""
        return happening.collection == "events" and self.sight.sees(happening.row)

    async def earlier(self, database: Database, joining: Happening) -> AsyncIterator[Row]:
        """Yield the events of the contacts that have joined the customer, in order.

        Raises:
            PastLost: MongoDB no longer keeps the moment at which they did.
        """
        ids = await event_ids_as_of(database, joining.joined, moment_of(joining.after.token))
        for start in range(0, len(ids), AT_A_TIME):
            part = ids[start : start + AT_A_TIME]
            rows = await rows_by_id(database, "events", part, self.sight)
            for id_ in part:
                if id_ in rows:  # else it is hidden, or was erased since
                    yield rows[id_]
