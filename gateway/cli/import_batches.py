"""From the lines of a file to batches for intake: admitted like what is sent, but at the time that each line tells."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import dropwhile
from zlib import crc32

from gateway.cli.call_lines import CallFile, Line
from gateway.cli.failures import CommandError
from gateway.journey.ids import derive_id
from snippet.admission import Arrival, admit_or_refuse
from snippet.clock import event_time, read_timestamp
from snippet.delivery import TimedEvent
from snippet.errors import RefusedEvent
from snippet.privacy import BY_DEFAULT, Privacy
from snippet.refusal import Refusal
from snippet.write_key import WriteKey

LANES = 4
"""Commits that go on side by side: while MongoDB works on one, we work on the other."""
BATCH_EVENTS = 500 * LANES
BATCH_LINES = 5_000
"""Lines after which a batch ends although it is not full, so that a file of refused lines shows its progress too."""
NO_LIMIT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that cannot be taken; `message` names the field and its value."""

    number: int
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event that was admitted, and the line on which it stands."""

    number: int
    timed: TimedEvent


@dataclass(slots=True)
class Batch:
    """The next piece of a file: the events to commit, the lines that were refused, and where the piece ends."""

    events: list[NumberedEvent] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)
    line: int = 0
    position: int = 0

    def lanes(self) -> list[list[NumberedEvent]]:
        """Return the events in parts of about 500, to be committed side by side: none meets another's visitors."""
        lanes: list[list[NumberedEvent]] = [[] for _ in range(LANES)]
        for event in self.events:
            visitor = event.timed.wire.anonymousId or event.timed.wire.userId or ""
            lanes[crc32(visitor.encode()) % LANES].append(event)
        return [events for events in lanes if events]

    @property
    def is_full(self) -> bool:
        """Whether it should be committed before more is read."""
        return len(self.events) >= BATCH_EVENTS or len(self.events) + len(self.refused) >= BATCH_LINES


def batches(
    calls: CallFile, write_key: WriteKey, after_line: int, now: datetime, privacy: Privacy = BY_DEFAULT
) -> Iterator[Batch]:
    """Yield the file in batches, beginning behind a line; 0 is from the start.

    Raises:
        CommandError: the file breaks off; the batches before were yielded.
    """
    arrival = Arrival(write_key=write_key, received_date=now, new_message_id=str, privacy=privacy)
    batch = Batch(line=after_line)
    try:
        for line in dropwhile(lambda line: line.number <= after_line, calls.lines()):
            _take(batch, line, arrival)
            if batch.is_full:
                yield replace(batch, position=calls.position)
                batch = Batch(line=line.number)
    except CommandError:
        yield batch
        raise
    yield replace(batch, position=calls.position)


def admit_line(line: Line, arrival: Arrival) -> TimedEvent:
    """Return the event of a line, at the time that the line tells, whatever our clock or the sender's says.

    A call without a messageId gets one that stands for all that it says, so that it too is taken once.

    Raises:
        RefusedEvent: a check refused it.
    """
    wire = admit_or_refuse(line.text, arrival).wire
    if wire.timestamp is None or not wire.timestamp.strip():
        raise RefusedEvent(
            Refusal.UNREADABLE_TIMESTAMP, "timestamp is missing; only the call itself can tell when it happened."
        )
    wire.messageId = wire.messageId or f"import-{derive_id('call', line.text.decode('latin-1'))}"
    return TimedEvent(wire, event_time(read_timestamp(wire.timestamp, "timestamp"), None, NO_LIMIT))


def _take(batch: Batch, line: Line, arrival: Arrival) -> None:
    batch.line = line.number
    try:
        batch.events.append(NumberedEvent(line.number, admit_line(line, arrival)))
    except RefusedEvent as refused:
        batch.refused.append(RefusedLine(line.number, refused.reason, refused.message))
