"""The watch over the live sockets of a process: whether each may stay, and whether its client is still there.

One look every two seconds, with one command to MongoDB for all sockets, and nothing while none is open.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol

import structlog

from gateway.access.authentication import Standing
from gateway.access.viewer import Viewer
from gateway.graph.close_codes import CloseCode, SocketClosed
from gateway.graph.errors import LimitExceeded
from gateway.graph.socket_limits import LOOK_EVERY_SECONDS, MAX_OPERATIONS_OF_TOKEN, MAX_SOCKETS
from gateway.storage.errors import StorageError

StillValid = Callable[[Collection[Viewer]], Awaitable[Mapping[Viewer, Standing]]]

ENDS: Mapping[Standing, tuple[CloseCode, str]] = {
    Standing.EXPIRED: (CloseCode.UNAUTHORIZED, "Unauthorized: the token has expired"),
    Standing.REVOKED: (CloseCode.FORBIDDEN, "Forbidden: the token has been revoked"),
    Standing.CHANGED: (CloseCode.FORBIDDEN, "Forbidden: the token may see less than before, connect again"),
}
"""With which words somebody is cut off who may not stay as he is."""

log = structlog.get_logger(__name__)


class Watched(Protocol):
    """A live socket, as the watch sees it."""

    def cut(self, closed: SocketClosed) -> None:
        """End the connection."""

    def keep_alive(self, at: float) -> None:
        """Ask a silent client whether it is there, or give it up; `at` is the time of the event loop, in seconds."""


class SocketWatch:
    """Watches the sockets of one process. `still_valid` tells how viewers stand, `clock` the time."""

    def __init__(self, still_valid: StillValid, clock: Callable[[], datetime]) -> None:
        self._still_valid = still_valid
        self._clock = clock
        self._sockets: dict[Watched, Viewer] = {}
        self._by_token: Counter[str | None] = Counter()
        self._operations: Counter[str | None] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._is_silent = False

    def enter(self, socket: Watched, viewer: Viewer) -> None:
        """Begin to watch a socket of this viewer.

        Raises:
            SocketClosed: too many sockets are open with his token.
        """
        if self._by_token[viewer.token_id] >= MAX_SOCKETS:
            told = f"Try again later: {MAX_SOCKETS} sockets are open with this token"
            raise SocketClosed(CloseCode.TRY_AGAIN_LATER, told)
        self._sockets[socket] = viewer
        self._by_token[viewer.token_id] += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="socket-watch")

    def leave(self, socket: Watched) -> None:
        """Watch this socket no longer, if it was watched at all."""
        viewer = self._sockets.pop(socket, None)
        if viewer is None:
            return
        self._by_token[viewer.token_id] -= 1
        if not self._by_token[viewer.token_id]:
            del self._by_token[viewer.token_id]
        if not self._sockets and self._task is not None:
            self._task.cancel()
            self._task = None

    def check_room(self, viewer: Viewer) -> None:
        """Make sure that one more operation may be open with the token of this viewer.

        Raises:
            LimitExceeded: as many are open as may be.
        """
        if self._operations[viewer.token_id] >= MAX_OPERATIONS_OF_TOKEN:
            told = f"{MAX_OPERATIONS_OF_TOKEN:,} operations are open with this token: complete one, or come back later."
            raise LimitExceeded(told)

    def count(self, operation: asyncio.Task[None], viewer: Viewer) -> None:
        """Count an operation of this viewer until its task has ended."""
        token_id = viewer.token_id
        self._operations[token_id] += 1

        def discount(_: object) -> None:
            self._operations[token_id] -= 1
            if not self._operations[token_id]:
                del self._operations[token_id]

        operation.add_done_callback(discount)

    async def _run(self) -> None:
        while self._task is asyncio.current_task():  # Python 3.11 may lose a cancellation
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            self._look()
            try:
                await self._ask()
            except Exception:  # whatever it is, the watch goes on
                log.exception("nobody knows whether open sockets may stay")

    def _look(self) -> None:
        """Do what needs no MongoDB."""
        now, at = self._clock(), asyncio.get_running_loop().time()
        for socket, viewer in list(self._sockets.items()):
            if viewer.expires_date is not None and viewer.expires_date <= now:
                socket.cut(SocketClosed(*ENDS[Standing.EXPIRED]))
            else:
                socket.keep_alive(at)

    async def _ask(self) -> None:
        try:
            standings = await self._still_valid(set(self._sockets.values()))
        except StorageError as error:
            if not self._is_silent:
                log.warning("whether open sockets may stay will be asked again", error=str(error))
            self._is_silent = True
            return
        self._is_silent = False
        ends = {viewer: ENDS[standing] for viewer, standing in standings.items() if standing in ENDS}
        if ends:
            for socket, viewer in list(self._sockets.items()):
                if viewer in ends:
                    socket.cut(SocketClosed(*ends[viewer]))
