"""`journey-gateway` as its users run it, for tests: a real process on a free port, asked over HTTP, and stopped."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

PROGRAM = Path(sys.executable).with_name("journey-gateway")
WRITE_KEY = "wk_of_the_tests"
ADMIN_TOKEN = "jg_of-the-tests"  # noqa: S105 - opens databases that live as long as a test
PATIENCE_SECONDS = 60.0
"""How long anything may take before a test gives up on it: machines that build are slow and shared."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers, and how to ask it."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path
    client: httpx.AsyncClient

    async def query(self, document: str, **variables: object) -> dict[str, Any]:
        """Return the `data` of a GraphQL document, whose shape its writer knows; errors fail the test."""
        answer = await self.client.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
        )
        body: dict[str, Any] = answer.json()
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    async def send(self, *events: Mapping[str, object]) -> list[dict[str, str]]:
        """Post a batch of tracking calls and return their receipts."""
        answer = await self.client.post("/v1/batch", json={"writeKey": WRITE_KEY, "batch": events})
        assert answer.status_code == httpx.codes.OK, answer.text
        receipts: list[dict[str, str]] = answer.json()["receipts"]
        return receipts

    def log(self) -> str:
        """Return what the server, its workers included, has printed so far."""
        return self.log_file.read_text(errors="replace")

    def worker_pids(self) -> list[int]:
        """Return the ids of all processes that ever began to serve, in the order of their start."""
        return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", self.log())]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal to the server's whole group, as a terminal does, and return the exit code."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise


@asynccontextmanager
async def running_server(data_dir: Path, settings: Mapping[str, object] | None = None) -> AsyncIterator[RunningServer]:
    """Run `journey-gateway serve` on a free port until the end of the block.

    Args:
        data_dir: Directory for the data, and for the log of the server.
        settings: More JOURNEY_* variables, such as the MongoDB of the test session.
    """
    port = free_port()
    log_file = data_dir / f"server-{port}.log"
    process = _start({"JOURNEY_DATA_DIR": data_dir, "JOURNEY_PORT": port, **(settings or {})}, log_file)
    # No proxy of the environment stands between us and the loopback interface.
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS, trust_env=False
    ) as client:
        server = RunningServer(str(client.base_url).rstrip("/"), process, log_file, client)
        try:
            await until(lambda: _is_ready(server))
            yield server
        finally:
            server.stop()


def run_command(
    *arguments: str | Path, settings: Mapping[str, object] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `journey-gateway` with these arguments and JOURNEY_* variables to its end, and return what it printed."""
    return subprocess.run(
        [PROGRAM, *arguments],
        env=environment(settings or {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """Return this process's environment with these JOURNEY_* variables and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEY_")}
    keys = {"JOURNEY_WRITE_KEY": WRITE_KEY, "JOURNEY_ADMIN_TOKEN": ADMIN_TOKEN}
    return inherited | keys | {name: str(value) for name, value in settings.items()}


def free_port() -> int:
    """Return a port of the loopback interface on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(ask: Callable[[], Awaitable[Answer]], patience: float = PATIENCE_SECONDS) -> Answer:
    """Ask again and again until the answer is truthy, and return it; AssertionErrors count as not yet."""
    end = time.monotonic() + patience
    while True:
        try:
            if answer := await ask():
                return answer
            failure = f"still {answer!r} after {patience:g} s"
        except AssertionError as error:
            if time.monotonic() > end:
                raise
            failure = str(error)
        assert time.monotonic() < end, failure
        await asyncio.sleep(0.05)


def _start(settings: Mapping[str, object], log_file: Path) -> subprocess.Popen[bytes]:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("wb") as log:
        return subprocess.Popen(
            [PROGRAM, "serve"],
            env=environment(settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


async def _is_ready(server: RunningServer) -> bool:
    if server.process.poll() is not None:
        raise RuntimeError(f"journey-gateway serve ended with {server.process.returncode}:\n{server.log()}")
    try:
        return (await server.client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
