"""What can go wrong between us and MongoDB, each said in one line that tells what to do.

StorageError
├── InvalidMongoDBURL       the URL cannot be understood
├── MongoDBUnreachable      no server answers
├── AuthenticationFailed    the server does not know this user and password
├── NotAReplicaSet          a standalone server: no transactions, no change streams
├── NotWritable             a replica set without a primary that we can write to
├── MongoDBTooOld           a server before 6.0
├── NotStored               MongoDB cannot take a batch now
├── DocumentRefused         MongoDB will never take one of the documents
└── EmbeddedServerError     the mongod that we start ourselves
    ├── MongodNotFound      there is none on this machine
    ├── DataDirectoryLocked another process uses the data directory
    ├── DataDirectoryUnusable   it cannot be created or written to
    └── MongodFailed        mongod did not start, or ended again and again
"""

from pathlib import Path


class StorageError(Exception):
    """Root of everything that this room raises on purpose; its text is fit to be shown to an operator."""


class InvalidMongoDBURL(StorageError):
    """The URL is malformed, or one of its options is."""


class MongoDBUnreachable(StorageError):
    """No server answered within the server selection time-out."""


class AuthenticationFailed(StorageError):
    """The server was reached and refused the credentials of the URL."""


class NotAReplicaSet(StorageError):
    """The server stands alone, so that it has neither transactions nor change streams."""


class NotWritable(StorageError):
    """A replica set was reached, but it has no primary now, or the URL leads to a secondary only."""


class MongoDBTooOld(StorageError):
    """The server is older than the oldest version that we support."""


class NotStored(StorageError):
    """A batch could not be committed; nothing of it was stored."""


class DocumentRefused(StorageError):
    """MongoDB refuses a document of the batch for what it contains; nothing of the batch was stored."""


class EmbeddedServerError(StorageError):
    """Root of what can go wrong with the mongod that we start ourselves."""


class MongodNotFound(EmbeddedServerError):
    """Neither the PATH nor the `embedded` extra has a mongod."""


class DataDirectoryLocked(EmbeddedServerError):
    """Another process owns the data directory."""

    def __init__(self, directory: Path, pid: int | None) -> None:
        self.directory = directory
        #: Process that holds the lock, as far as it has said so.
        self.pid = pid
        owner = "another process" if pid is None else f"process {pid}"
        super().__init__(
            f"The data directory {directory} is in use by {owner}: end that first, or set JOURNEY_DATA_DIR."
        )


class DataDirectoryUnusable(EmbeddedServerError):
    """The data directory cannot be created, or nothing can be written to it."""

    def __init__(self, directory: Path, reason: str) -> None:
        self.directory = directory
        super().__init__(
            f"The data directory {directory} cannot be used ({reason}): make it writable, or set JOURNEY_DATA_DIR."
        )


class MongodFailed(EmbeddedServerError):
    """Mongod did not become a writable primary, or ended several times within seconds."""

    def __init__(self, what: str, reason: str, log: Path) -> None:
        #: Mongod's own words, taken from its log.
        self.reason = reason
        super().__init__(f"mongod {what}: {reason}. See {log}; set JOURNEY_MONGODB_URL to use another MongoDB.")
