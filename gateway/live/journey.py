"""The journey feed: everything that happens to one contact, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.storage.change_stream import Change
from gateway.storage.database import Row


@dataclass(frozen=True, slots=True)
class JourneyWish:
    """The contact that a subscriber wants to know of."""

    contact_id: str

    def told(self, change: Change) -> Sequence[Row]:
        """Return the event of this change, if it is one of the contact's."""
        wanted = change.collection == "events" and change.row["contactId"] == self.contact_id
        return (change.row,) if wanted else ()
