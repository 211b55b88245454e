"""The journey feed: everything that happens to one contact, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.live.listener import Happening, Topic
from gateway.storage.database import Row


@dataclass(frozen=True, slots=True)
class JourneyWish:
    """The contact that a subscriber wants to know of."""

    contact_id: str

    @property
    def topic(self) -> Topic:
        """The contact."""
        return "contact", self.contact_id

    def told(self, happening: Happening) -> Sequence[Row]:
        """Return the event of it, if it is one of the contact's."""
        return (happening.row,) if self.concerns(happening) else ()

    def concerns(self, happening: Happening) -> bool:
        """Tell whether it is an event of the contact."""
        return happening.collection == "events" and bool(happening.row["contactId"] == self.contact_id)
