"""How much memory the embedded mongod takes for its cache: a quarter of what there is."""

import os
from contextlib import suppress
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""What a container may use, in bytes, or the word max: https://docs.kernel.org/admin-guide/cgroup-v2.html."""

GIGABYTE = 1024**3
SHARE = 4
"""The rest is for the server, for whatever else runs here, and for the file system.

MongoDB would take a half. With 2,000,000 events stored, a cache of 1 GB takes a fifth of the rate of intake.
"""
SMALLEST = 0.25
"""Gigabytes; MongoDB takes no less."""


def cache_gigabytes(memory: int) -> float:
    """Return the size of the cache for a machine of so many bytes, in gigabytes as mongod takes them."""
    return max(SMALLEST, round(memory / SHARE / GIGABYTE, 2))


def memory_here(limit: Path = CGROUP_LIMIT) -> int:
    """Return the bytes of memory that this machine, or this container, may use."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no such file, or the word max
        return min(installed, int(limit.read_text()))
    return installed
