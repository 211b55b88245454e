"""Places that run out of space while mongod writes to them, and get space again."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from shutil import disk_usage
from tempfile import TemporaryDirectory

from tests.crash.mongod_processes import Mongod

DISK_MEGABYTES = 700
LEFT_BYTES = 24 * 1024 * 1024
CHUNK = bytes(1024 * 1024)


class SmallDisk:
    """A file system of its own in memory; needs the right to mount."""

    def __init__(self, directory: Path) -> None:
        self._ballast = directory / "ballast"

    def fill(self, _mongod: Mongod | None = None) -> None:
        """Take all space but a little, which the load takes soon."""
        with self._ballast.open("wb") as ballast:
            while disk_usage(self._ballast).free > LEFT_BYTES + len(CHUNK):
                ballast.write(CHUNK)

    def free(self, _mongod: Mongod | None = None) -> None:
        """Give the space back."""
        self._ballast.unlink()


class FileSizeLimit:
    """A limit to the size of each file that mongod writes, below what its journal has already."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def fill(self, mongod: Mongod) -> None:
        """From now on no file can grow beyond a little more than the largest table."""
        largest = max(file.stat().st_size for file in self._directory.rglob("*.wt"))
        prlimit(mongod.pid, RLIMIT_FSIZE, (largest + LEFT_BYTES, RLIM_INFINITY))

    def free(self, mongod: Mongod) -> None:
        """Let files grow again; a mongod that has ended left its limit behind anyway."""
        if not mongod.has_ended():
            prlimit(mongod.pid, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))


def can_mount() -> bool:
    """Tell whether this process may mount a file system."""
    with TemporaryDirectory() as directory, suppress(subprocess.CalledProcessError, OSError), mounted(Path(directory)):
        return True
    return False


@contextmanager
def mounted(directory: Path) -> Iterator[Path]:
    """Mount a small file system on the directory.

    Raises:
        subprocess.CalledProcessError: this is not allowed here.
    """
    directory.mkdir(exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", directory], check=True, capture_output=True
    )
    try:
        yield directory
    finally:
        subprocess.run(["umount", directory], check=True)
