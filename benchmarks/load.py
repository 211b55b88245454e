"""Load over HTTP: by wrk where it is installed, else by a Python process of our own.

Not by oha: it sends the same body each time, which is one event and then its duplicates.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.processes import Failed, answer_of, python, running, tail
from benchmarks.server import WRITE_KEY, Running
from benchmarks.shop import SHOPPING, posted
from benchmarks.traffic import CUSTOMERS, VISITORS

_HERE = Path(__file__).parent
_SCRIPTS = {
    **dict.fromkeys(("single", "identifying"), "single.lua"),
    **dict.fromkeys(("offline", "back_end"), "batches.lua"),
    SHOPPING: "posted.lua",
}
POSTED = 40_000
"""Requests that are made beforehand where wrk cannot make them itself."""
_seeds = count(1)


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to; latencies in milliseconds. Errors are answers other than 2xx, and broken connections."""

    requests: int
    seconds: float
    errors: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def generator() -> str:
    """Return what makes the load on this machine."""
    return "wrk -t1" if shutil.which("wrk") else "Python (asyncio, one process), for want of wrk"


def load(server: Running, kind: str, connections: int, seconds: int) -> Load:
    """Post requests of a kind of `traffic.BODIES` over so many connections, each as soon as the last is answered."""
    send = _wrk if shutil.which("wrk") else _python
    return send(server, kind, connections, seconds)


def paced(server: Running, kind: str, connections: int, seconds: int, rate: int) -> Load:
    """Post so many requests a second, whether or not those before are answered; always by Python."""
    return _python(server, kind, connections, seconds, rate)


def _wrk(server: Running, kind: str, connections: int, seconds: int) -> Load:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency"]
    command += ["-s", str(_HERE / _SCRIPTS[kind]), server.url]
    told = {"BENCH_SEED": _new_seed(), "BENCH_KIND": kind, "BENCH_WRITE_KEY": WRITE_KEY}
    told |= {"BENCH_VISITORS": str(VISITORS), "BENCH_CUSTOMERS": str(CUSTOMERS)}
    if kind == SHOPPING:
        told["BENCH_POSTED"] = str(_posted(server))
    with running(command, server.log, told) as process:
        try:
            said, _ = process.communicate(timeout=seconds + 60)
        except subprocess.TimeoutExpired:
            raise Failed(f"wrk did not end within {seconds + 60} s") from None
    line = next((line for line in said.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise Failed(f"wrk ended with {process.returncode}:\n{said}\n{tail(server.log)}")
    requests, microseconds, errors, p50, p99, _ = line.split()[1:]
    return Load(int(requests), int(microseconds) / 1e6, int(errors), float(p50), float(p99))


def _python(server: Running, kind: str, connections: int, seconds: int, rate: int = 0) -> Load:
    told = [str(server.port), kind, _new_seed(), str(connections), str(seconds), str(rate)]
    return Load(**answer_of(python("http_load", *told), server.log, seconds))


def _posted(server: Running) -> Path:
    """Return the file of the requests that a server gets; it is made once."""
    file = server.directory / "posted"
    if not file.exists():
        file.write_text("".join(f"{one.path}\t{one.rest}\n" for one in posted(POSTED)))
    return file


def _new_seed() -> str:
    """Return what makes the message ids of one load its own: a number, as wrk's random numbers start from it."""
    return str(os.getpid() % 10_000 * 1000 + next(_seeds))
