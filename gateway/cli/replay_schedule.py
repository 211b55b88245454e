"""When each call of a file is due again: in its rhythm of then, faster by a factor, and as a new message."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from gateway.cli.call_lines import Line
from gateway.journey.ids import derive_id
from snippet.admission import MAX_EVENT_BYTES
from snippet.clock import read_timestamp
from snippet.errors import RefusedEvent
from snippet.refusal import Refusal

_decoder = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call as it is to be sent, and how many seconds after the start; `body` is JSON."""

    seconds: float
    body: bytes


def schedule(lines: Iterable[Line], start: datetime, speed: float) -> Iterator[DueCall | Refusal]:
    """Yield each call, or why a line cannot be sent.

    The first call is due at once. Visitors keep their ids: they come back, as people do. Messages get new ids, derived
    from `start` (aware) and the line, so that each run is new traffic and a repeated request within one is not. A line
    that is out of order, or tells no time, is due with the one before it.
    """
    first: datetime | None = None
    due = 0.0
    for line in lines:
        call = _call_in(line)
        if isinstance(call, Refusal):
            yield call
            continue
        then = _time_of(call)
        first = first or then
        offset = (then - first).total_seconds() / speed if then and first else due
        due = max(due, offset)
        yield DueCall(due, _renewed(call, line.number, start, offset))


def _call_in(line: Line) -> dict[str, object] | Refusal:
    if len(line.text) > MAX_EVENT_BYTES:
        return Refusal.EVENT_TOO_LARGE
    try:
        return _decoder.decode(line.text)
    except (ValueError, RecursionError):
        return Refusal.UNREADABLE_EVENT


def _time_of(call: dict[str, object]) -> datetime | None:
    timestamp = call.get("timestamp")
    try:
        return read_timestamp(timestamp, "timestamp") if isinstance(timestamp, str) else None
    except RefusedEvent:
        return None


def _renewed(call: dict[str, object], number: int, start: datetime, offset: float) -> bytes:
    renewed = {
        "messageId": derive_id("replay", start.isoformat(), str(number)),
        "timestamp": (start + timedelta(seconds=offset)).isoformat(timespec="milliseconds"),
    }
    # The batch says when it is sent: what stood in the call was true long ago.
    return msgspec.json.encode({**{name: value for name, value in call.items() if name != "sentAt"}, **renewed})
