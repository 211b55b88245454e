"""What happens: changed documents, silences and joined contacts, and to which contact or session."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.live.cursor import LiveCursor
from gateway.storage.database import Row

TIMER = "timer"
"""The `collection` of a happening that no document made: a session's presence timer ran out."""
EDGES = "identityEdges"
"""The `collection` of a happening that joins or parts contacts."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that listeners are told: a changed document, or a session that has fallen silent.

    `before` and `after` are the places to go on from when nothing, or all, of it has been told. `joined` are contacts
    that it made part of the customer whom a listener follows.
    """

    collection: str
    row: Row
    before: LiveCursor
    after: LiveCursor
    joined: frozenset[str] = frozenset()


Concerns = Callable[[Happening], bool]
"""Whether something may concern a listener: asked before it is queued, so that nobody wakes in vain."""
Topic = tuple[Literal["contact", "session"], str]
"""What something happens to: a contact or a session, by its id."""


def topics_of(happening: Happening) -> tuple[Topic, Topic]:
    """Return the contact and the session that something happened to."""
    row = happening.row
    return ("contact", row["contactId"]), ("session", row["sessionId" if happening.collection == "events" else "_id"])
