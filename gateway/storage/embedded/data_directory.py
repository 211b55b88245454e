"""The data directory of the embedded server, and the lock that lets one process at a time own it.

```
mongodb/
├── owner.json          locked (flock) while a process owns the directory; holds the note it leaves for others
├── mongod.log          what mongod says; mongod.log.1 is the part before
├── mongodb-PORT.sock   where mongod listens besides its port
└── database/           mongod's own files
```
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from gateway.storage.embedded import parent_only
from gateway.storage.errors import DataDirectoryUnusable
from gateway.storage.private_files import make_private_directory

LARGEST_NOTE = 4096
LONGEST_SOCKET_PATH = 103
"""Bytes of a Unix socket's path: macOS takes so many, Linux four more."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the owner tells others; it stays when the owner has gone, so that the next one can take the same port."""

    pid: int | None = None
    port: int | None = None
    url: str | None = None  #: None as long as the server is not ready

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Return the note in this text; an empty note when there is none, or none that can be read."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError:
            return cls()


class DataDirectory:
    """The files below `data_dir`/mongodb; made when absent."""

    def __init__(self, data_dir: Path) -> None:
        self.path = (data_dir / "mongodb").absolute()
        self.database = self.path / "database"
        self.log = self.path / "mongod.log"
        self._lock: int | None = None

    def lock(self) -> bool:
        """Become the owner, and tell whether that was possible; false when another process is it.

        Raises:
            DataDirectoryUnusable: It cannot be made or written to.
        """
        try:
            make_private_directory(self.path)
            self.database.mkdir(exist_ok=True)
            descriptor = parent_only.hold(os.open(self._note_path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise DataDirectoryUnusable(self.path, error.strerror or str(error)) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            parent_only.release(descriptor)
            return False
        self._lock = descriptor
        return True

    def unlock(self) -> None:
        """Let others own the directory; a second call does nothing."""
        if self._lock is not None:
            parent_only.release(self._lock)
            self._lock = None

    def note(self) -> Note:
        """Return what the present owner, or else the last one, has noted."""
        return Note.parse(self._note_path.read_bytes())

    def write_note(self, note: Note) -> None:
        """Leave a note for others. Only the owner may.

        Raises:
            DataDirectoryUnusable: The note cannot be written, most likely because the disk is full.
        """
        if self._lock is None:
            raise RuntimeError(f"{self.path} is not locked by this process")
        # One write of one length over the old text: a reader never sees half a note, and the lock stays on the file
        text = msgspec.json.encode(note).ljust(LARGEST_NOTE)
        try:
            os.pwrite(self._lock, text, 0)
        except OSError as error:
            raise DataDirectoryUnusable(self.path, error.strerror or str(error)) from error

    def unix_socket(self, port: int) -> Path | None:
        """Return where a mongod of this port listens besides; None where the path would be too long for a socket.

        A tenth more events come through it than through the loopback interface.
        """
        path = self.path / f"mongodb-{port}.sock"
        return path if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH else None

    def mongod_pid(self) -> int | None:
        """Return the id of a mongod that has these files open now, also one that a dead owner left behind."""
        try:
            with (self.database / "mongod.lock").open("rb") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # mongod's own is LOCK_EX, also by flock
                except BlockingIOError:
                    return int(lock.read() or 0)
        except FileNotFoundError:
            return None
        return None

    @property
    def _note_path(self) -> Path:
        return self.path / "owner.json"
