"""Servers to measure: `journey-gateway serve` as its users run it, and others under the same uvicorn."""

import gc
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from benchmarks.processes import free_port, python, running, until
from gateway.cli.one_write import OneWriteProtocol
from gateway.cli.worker import Server
from gateway.storage.embedded.data_directory import DataDirectory

PROGRAM = Path(sys.executable).with_name("journey-gateway")
WRITE_KEY = "wk_of_the_benchmark"
ADMIN_TOKEN = "jg_of-the-benchmark"  # noqa: S105 - opens databases that live as long as a measurement
DATABASE = "journey"
NOT_LIMITED = {
    "JOURNEY_REQUESTS_PER_MINUTE": "0",
    "JOURNEY_ADDRESS_REQUESTS_PER_MINUTE": "0",
    "JOURNEY_COST_BUDGET": "0",
}
"""So that the load of one machine, with one token, is not refused for being too much."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    url: str
    port: int
    process: subprocess.Popen[str]
    directory: Path

    @property
    def log(self) -> Path:
        """What it and the processes of its measurement say."""
        return self.directory / "log"

    @property
    def mongodb_url(self) -> str:
        """Where its embedded MongoDB is."""
        return str(DataDirectory(self.directory).note().url)


@contextmanager
def gateway_server(settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run `journey-gateway serve`, one worker, on an empty data directory that is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="journey-bench-") as directory:
        port = free_port()
        told = {
            "JOURNEY_DATA_DIR": directory,
            "JOURNEY_PORT": str(port),
            "JOURNEY_DATABASE": DATABASE,
            "JOURNEY_WORKERS": "1",
            "JOURNEY_WRITE_KEY": WRITE_KEY,
            "JOURNEY_ADMIN_TOKEN": ADMIN_TOKEN,
            **NOT_LIMITED,
            **(settings or {}),
        }
        with _answering([str(PROGRAM), "serve"], port, Path(directory), "/readyz", told) as server:
            yield server


@contextmanager
def own_server(module: str, directory: Path, *arguments: str) -> Iterator[Running]:
    """Run a server of this package under the settings of uvicorn that the product has."""
    port = free_port()
    with _answering(python(module, str(port), *arguments), port, directory, "/") as server:
        yield server


async def serve_as_the_product(app: ASGIApp, port: int) -> None:
    """Serve an app until told to stop, with the settings of `gateway.cli.worker.serve`."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    config = uvicorn.Config(
        app,
        http=OneWriteProtocol,
        log_level="info",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        server_header=False,
        ws_per_message_deflate=False,
    )
    await Server(config).serve(sockets=[listener])


@contextmanager
def _answering(
    command: list[str], port: int, directory: Path, path: str, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    log = directory / "log"
    url = f"http://127.0.0.1:{port}"
    with running(command, log, env) as process:
        until(lambda: _answers(url + path), process, log)
        yield Running(url, port, process, directory)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy in front of the loopback interface
    with suppress(OSError), opener.open(url, timeout=2) as answer:
        return int(answer.status) < _OK + 100
    return False
