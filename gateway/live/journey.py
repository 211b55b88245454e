"""The journey feed: everything that happens to one contact, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.live.listener import Happening
from gateway.storage.database import Row


@dataclass(frozen=True, slots=True)
class JourneyWish:
    """The contact that a subscriber wants to know of."""

    contact_id: str

    def told(self, happening: Happening) -> Sequence[Row]:
        """Return the event of it, if it is one of the contact's."""
        wanted = happening.collection == "events" and happening.row["contactId"] == self.contact_id
        return (happening.row,) if wanted else ()
