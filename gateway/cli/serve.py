"""`journey-gateway serve`: start MongoDB if need be, prepare it, say what to open, and serve."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import structlog
import typer

from gateway.access.oidc import refuse_unknown_roles
from gateway.access.roles import roles_there
from gateway.cli import worker
from gateway.cli.failures import CommandError
from gateway.cli.surroundings import Surroundings, read_settings, run, surroundings
from gateway.cli.welcome import welcome
from gateway.settings import Settings

BACKLOG = 2048
RESTART_SECONDS = 1.0

log = structlog.get_logger(__name__)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [JOURNEY_HOST].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [JOURNEY_PORT].")] = None,
    workers: Annotated[int | None, typer.Option(help="Number of server processes [JOURNEY_WORKERS].")] = None,
    demo: Annotated[
        Path | None, typer.Option(help="Serve this directory's shop/ and agent-widget/ [JOURNEY_DEMO_DIR].")
    ] = None,
) -> None:
    """Run the server, with an embedded MongoDB unless JOURNEY_MONGODB_URL names one."""
    options = {"JOURNEY_HOST": host, "JOURNEY_PORT": port, "JOURNEY_WORKERS": workers, "JOURNEY_DEMO_DIR": demo}
    run(_serve(options))


async def _serve(options: Mapping[str, object]) -> None:
    settings = read_settings(options)
    listener = _listen(settings)
    async with surroundings(settings, join=False) as ready:
        refuse_unknown_roles(settings, await roles_there(ready.connection.database))
        keyed = replace(settings, write_key=ready.keys.write_key, admin_token=ready.keys.admin_token)
        welcome(keyed)
        if settings.workers == 1:
            await worker.serve(keyed, ready.mongodb_url, listener)
        else:
            await _serve_with_workers(keyed, ready, listener)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise CommandError(
            f"Port {settings.port} of {settings.host} cannot be used ({error.strerror}): stop what listens there, "
            f"or choose another with JOURNEY_PORT or --port."
        ) from None
    listener.listen(BACKLOG)
    return listener


async def _serve_with_workers(settings: Settings, ready: Surroundings, listener: socket.socket) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="journey-metrics-") as metrics:
        environment = _environment(settings, ready.mongodb_url, metrics)
        tasks = [asyncio.create_task(_keep_alive(environment, listener, stop)) for _ in range(settings.workers)]
        await asyncio.gather(*tasks)


async def _keep_alive(environment: dict[str, str], listener: socket.socket, stop: asyncio.Event) -> None:
    """Run one worker, and another in its place when it ends without being told to."""
    while not stop.is_set():
        async with _worker(environment, listener) as process:
            ended = asyncio.create_task(process.wait())
            told = asyncio.create_task(stop.wait())
            await asyncio.wait((ended, told), return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if not stop.is_set():
                log.error("a worker ended by itself and is started again", pid=process.pid, code=process.returncode)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RESTART_SECONDS)


@asynccontextmanager
async def _worker(environment: dict[str, str], listener: socket.socket) -> AsyncIterator[asyncio.subprocess.Process]:
    # The worker holds the reading end of a pipe that only we can write to: it becomes readable when we are gone.
    reading, writing = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            worker.__name__,
            str(listener.fileno()),
            env={**environment, worker.PARENT_PIPE: str(reading)},
            pass_fds=(listener.fileno(), reading),
            start_new_session=True,
        )
    finally:
        os.close(reading)
    try:
        yield process
    finally:
        os.close(writing)
        await process.wait()


def _environment(settings: Settings, mongodb_url: str, metrics: str) -> dict[str, str]:
    told = {
        "JOURNEY_MONGODB_URL": mongodb_url,
        "JOURNEY_WRITE_KEY": settings.write_key,
        "JOURNEY_ADMIN_TOKEN": settings.admin_token,
        "JOURNEY_DEMO_DIR": settings.demo_dir,
        "PROMETHEUS_MULTIPROC_DIR": metrics,
    }
    return {**os.environ, **{name: str(value) for name, value in told.items() if value is not None}}
