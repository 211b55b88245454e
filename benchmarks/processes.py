"""Processes that run beside a measurement, and never longer: not after Ctrl-C, nor after kill -9 of the benchmark."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gateway.cli.worker import PARENT_PIPE

PATIENCE_SECONDS = 60.0
SECONDS_TO_END = 20.0


class Failed(Exception):
    """Raised when a process of a measurement did not do what it should; the text holds what it said."""


@contextmanager
def running(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a command for as long as the block is open; its standard error goes to the log.

    Its input is a pipe from us, and its output one to us, unless nobody reads it. Servers of ours watch a further pipe,
    and end when we do.
    """
    reading, writing = os.pipe()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            env={**os.environ, **(env or {}), PARENT_PIPE: str(reading)},
            pass_fds=(reading,),
            start_new_session=True,
        )
    os.close(reading)
    try:
        yield process
    finally:
        os.close(writing)
        _end(process)


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this package."""
    return [sys.executable, "-m", f"benchmarks.{module}", *arguments]


def answer_of(command: Sequence[str], log: Path, seconds: float) -> dict[str, Any]:
    """Run a command to its end, and return the last line that it prints, which is a JSON object of its own shape."""
    with running(command, log) as process:
        return read_answer(process, log, seconds)


def read_answer(process: subprocess.Popen[str], log: Path, seconds: float) -> dict[str, Any]:
    """Wait for the end of a process, and return the JSON object of its last line, whose shape is its own."""
    try:
        said, _ = process.communicate(timeout=seconds + PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"{process.args!r} did not end within {seconds + PATIENCE_SECONDS:.0f} s") from None
    if process.returncode or not said.strip():
        raise Failed(f"{process.args!r} ended with {process.returncode}:\n{tail(log)}")
    answer: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return answer


def until(ready: Callable[[], bool], process: subprocess.Popen[str], log: Path) -> None:
    """Wait until something is so, while this process is alive."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        if process.poll() is not None:
            raise Failed(f"{process.args!r} ended with {process.returncode}:\n{tail(log)}")
        if time.monotonic() > end:
            raise Failed(f"{process.args!r} was not ready within {PATIENCE_SECONDS:.0f} s:\n{tail(log)}")
        time.sleep(0.05)


def free_port() -> int:
    """Return a port of the loopback interface on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tail(log: Path) -> str:
    """Return the end of a log."""
    return log.read_text(errors="replace")[-2000:]


def resident_megabytes(pid: int) -> float:
    """Return the memory that a process holds: its resident set, in MB of a million bytes."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(told) * 1024 / 1e6


def _end(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
            return
