"""The process that plays past sessions for a preview; `gateway.prediction.preview` starts it, with a low priority.

It takes a request as a line of JSON from its standard input, writes the preview as JSON to its standard output, and
ends early when it is terminated or its input ends, as both mean that nobody waits for it. What comes in goes first: it
asks MongoDB only when it is ready for more, and rests between small blocks while the machine has other work.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import NoReturn

import msgspec

from gateway.journey.conditions_format import conditions_from
from gateway.journey.preview import Preview, Previewing
from gateway.journey.segment import SegmentScope
from gateway.prediction.pace import Pace, read_processor_times
from gateway.storage.errors import StorageError
from gateway.storage.past_sessions import Past, open_archive, past_sessions


class PreviewRequest(msgspec.Struct, frozen=True):
    """What is to be played, and from where.

    `conditions` are as they are stored, `divisions` those that are seen, None for all. After `seconds` it is cut short.
    """

    mongodb_url: str
    database: str
    conditions: Mapping[str, object]
    scope: SegmentScope
    days: list[date]
    now: datetime
    session_timeout: float
    divisions: list[str] | None
    seconds: float

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Show it in the log without the URL, which may hold a password."""
        return [("conditions", self.conditions), ("scope", self.scope), ("days", len(self.days))]

    def __repr__(self) -> str:
        """Show it likewise."""
        return f"PreviewRequest({dict(self.__rich_repr__())})"


class Told(msgspec.Struct):
    """The answer: a preview, or why there is none."""

    preview: Preview | None = None
    failure: str | None = None


def main() -> None:
    """Take a request, and answer it."""
    signal.signal(signal.SIGTERM, _end)
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=PreviewRequest)
    Thread(target=_end_with_the_input, daemon=True).start()
    gc.disable()  # events come by the thousand and make no cycles: looking for some took a third of the time
    try:
        told = Told(played(request, Pace(read_processor_times, os.cpu_count() or 1).rest))
    except StorageError as error:
        told = Told(failure=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(told))


def played(request: PreviewRequest, rest: Callable[[], None] = lambda: None) -> Preview:
    """Return the preview; `rest` is called after every block of sessions, and may take its time.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    end = time.monotonic() + request.seconds
    conditions = conditions_from(request.conditions)
    timeout = timedelta(seconds=request.session_timeout)
    previewing = Previewing(conditions, request.scope, request.days, request.now, timeout)
    since = datetime.combine(request.days[0], datetime.min.time(), UTC)
    divisions = None if request.divisions is None else frozenset(request.divisions)
    with open_archive(request.mongodb_url, request.database) as archive:
        past = Past(since, request.now, divisions)
        for sessions in past_sessions(archive, past, conditions, previewing):
            if time.monotonic() > end:
                return previewing.counted(is_complete=False)
            for session in sessions:
                previewing.play(session)
            rest()
    return previewing.counted(is_complete=True)


def _end(_number: int, _frame: object) -> NoReturn:
    """End in order, so that MongoDB gives up what it does for us."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end of the input may say the same again
    sys.exit(1)


def _end_with_the_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
