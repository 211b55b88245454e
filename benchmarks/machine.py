"""The machine that figures were measured on."""

import os
import platform
import subprocess
from pathlib import Path

from benchmarks.load import generator
from gateway.storage.embedded.mongod_binary import find_mongod


def hardware() -> list[tuple[str, str]]:
    """Return what the figures depend on, as (part, what it is here)."""
    return [
        ("processor", _processor()),
        ("cores", str(os.cpu_count())),
        ("memory", f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("mongod", _first_line(str(find_mongod()), "--version").removeprefix("db version ")),
        ("load", generator()),
    ]


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def _first_line(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
