"""The mongod that the server started itself, seen from outside."""

import os
from pathlib import Path
from signal import SIGKILL

from gateway.storage.embedded.data_directory import DataDirectory


def embedded_url(data_dir: Path) -> str:
    """Return the URL of the embedded server of this data directory, which must be running."""
    url = DataDirectory(data_dir).note().url
    assert url is not None, "no server owns the data directory"
    return url


def kill_embedded_mongod(data_dir: Path) -> None:
    """End it as a crash does: kill -9."""
    pid = DataDirectory(data_dir).mongod_pid()
    assert pid, "no mongod runs on the data directory"
    os.kill(pid, SIGKILL)
