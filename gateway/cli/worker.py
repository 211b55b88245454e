"""One server process: listens on a socket that it was given, and ends when its parent does."""

import asyncio
import gc
import os
import signal
import socket
import sys
from types import FrameType

import uvicorn

from gateway.app import open_app
from gateway.cli.one_write import OneWriteProtocol
from gateway.cli.surroundings import read_settings, run
from gateway.graph.socket_limits import MAX_MESSAGE_BYTES
from gateway.settings import Settings

GRACE_SECONDS = 10
"""How long open requests and sockets may take to end once the server is told to stop."""


async def serve(settings: Settings, mongodb_url: str, listener: socket.socket) -> None:
    """Serve the app on this socket until the process is told to stop."""
    async with open_app(settings, mongodb_url) as app:
        _collect_garbage_rarely()
        config = uvicorn.Config(
            app,
            http=OneWriteProtocol,
            log_level=settings.log_level,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,  # costs more time a message than it saves on a network
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:  # the embedded mongod was given up: who waits for an answer still gets one
            server.should_exit = True
            await serving
            raise


class Server(uvicorn.Server):
    """Uvicorn, told to stop also by the end of its parent."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and watching the parent if there is one."""
        await super().startup(sockets)
        if os.environ.get(PARENT_PIPE):
            asyncio.get_running_loop().add_reader(int(os.environ[PARENT_PIPE]), self._stop)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Uvicorn's signature
        """Stop serving, at the second Ctrl-C without any patience.

        Uvicorn would raise the signal anew when it has served, and SIGTERM would end the process then and there: before
        what waits is committed, and mongod is ended in order.
        """
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    def _stop(self) -> None:
        asyncio.get_running_loop().remove_reader(int(os.environ[PARENT_PIPE]))
        self.should_exit = True


def _collect_garbage_rarely() -> None:
    """Leave what start-up has made out of every collection, and collect the garbage of requests in larger portions.

    The default collects each 700 objects, about every third request, and finds next to nothing. Each 50,000, what
    events leave in the sessions that are known, and is no garbage, was looked at for a thirtieth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


PARENT_PIPE = "GATEWAY_PARENT_PIPE"
"""Environment variable: a file descriptor that becomes readable when the parent has ended."""


def main() -> None:
    """Run a worker: arguments are the socket's file descriptor; the environment holds the settings."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    settings = read_settings()
    run(serve(settings, settings.mongodb_url or "", listener))


if __name__ == "__main__":
    main()
