"""The one way to a MongoDB: connect, make sure that it can do what we need, and say plainly why not.

Every value that is read is aware UTC. Every write waits for a majority and its journal, and every read sees only what a
majority has, so that nothing that was read or acknowledged can be rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote
from warnings import catch_warnings, simplefilter

from pymongo import AsyncMongoClient, timeout
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from gateway.storage.errors import (
    AuthenticationFailed,
    InvalidMongoDBURL,
    MongoDBTooOld,
    MongoDBUnreachable,
    NotAReplicaSet,
    NotWritable,
    StorageError,
)

Document = dict[str, Any]
"""A document as the driver gives it: what its values are is known to whoever wrote it, not to the type checker."""

OLDEST_VERSION = (6, 0)
SERVER_SELECTION_SECONDS = 5
READINESS_SECONDS = 2
CLOSING_SECONDS = 1
# Unauthorized, AuthenticationFailed: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
ACCESS_CODES = frozenset({13, 18})


class Connection:
    """A client and the database that the product lives in; closed by `close` or at the end of `async with`."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self.client = client
        self.database: AsyncDatabase[Document] = client.get_database(
            database,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )

    async def is_ready(self) -> bool:
        """Tell whether a primary answers now and takes writes; never raises, and takes at most two seconds."""
        try:
            with timeout(READINESS_SECONDS):
                hello = await self.client.admin.command("hello")
        except PyMongoError:
            return False
        return bool(hello.get("isWritablePrimary"))

    async def version(self) -> tuple[int, ...]:
        """Return the version of the MongoDB that answers, such as (8, 0, 4)."""
        try:
            return tuple((await self.client.server_info())["versionArray"][:3])
        except PyMongoError as error:
            raise MongoDBUnreachable(f"MongoDB did not tell its version: {error}") from error

    async def close(self) -> None:
        """End all connections of the pool, in about a second when no server answers; a second call does nothing."""
        with timeout(CLOSING_SECONDS):  # the driver would look for a server that takes its farewell for longer
            await self.client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def connect(url: str, database: str) -> Connection:
    """Return a connection to this database of a replica set or sharded cluster that takes writes.

    Raises:
        StorageError: One of InvalidMongoDBURL, MongoDBUnreachable, AuthenticationFailed, NotAReplicaSet, NotWritable
            and MongoDBTooOld; none of their texts contains the URL's password.
    """
    connection = Connection(_make_client(url), database)
    try:
        await _check(connection.client, url)
    except BaseException:
        await connection.close()
        raise
    return connection


def redact(url: str) -> str:
    """Return the scheme and the hosts of a MongoDB URL, without credentials and options, which can hold secrets too."""
    match = re.match(r"(mongodb(?:\+srv)?://)(.*@)?([^/?]*)", url, re.DOTALL)
    if match is None:
        return "(not a MongoDB URL)"
    scheme, credentials, hosts = match.groups()
    return f"{scheme}{'***@' if credentials else ''}{unquote(hosts)}"


def _make_client(url: str) -> AsyncMongoClient[Document]:
    try:
        with catch_warnings():
            simplefilter("error", UserWarning)  # how the driver tells of an option that it does not know
            return AsyncMongoClient(
                url,
                appname="journey-gateway",
                tz_aware=True,
                tzinfo=UTC,
                serverSelectionTimeoutMS=SERVER_SELECTION_SECONDS * 1000,
                w="majority",
                journal=True,
                readConcernLevel="majority",
            )
    except (InvalidURI, ConfigurationError, ValueError, TypeError, UserWarning) as error:
        # The driver quotes what it cannot parse, which may be a piece of a password
        reason = "are user and password percent-encoded, and all options known?" if "@" in url else f"{error}."
        raise InvalidMongoDBURL(f"The MongoDB URL {redact(url)} cannot be understood: {reason}") from None


async def _check(client: AsyncMongoClient[Document], url: str) -> None:
    try:
        hello = await client.admin.command("hello")
        if not _has_transactions(hello):
            raise NotAReplicaSet(_not_a_replica_set(url))
        if not hello.get("isWritablePrimary"):
            raise NotWritable(_not_writable(url))
        version = (await client.server_info())["versionArray"]
    except PyMongoError as error:
        raise _explain(error, client, url) from error
    if tuple(version[:2]) < OLDEST_VERSION:
        oldest = ".".join(map(str, OLDEST_VERSION))
        found = ".".join(map(str, version[:3]))
        raise MongoDBTooOld(f"MongoDB at {redact(url)} is version {found}: upgrade it to {oldest} or later.")


def _has_transactions(hello: Mapping[str, object]) -> bool:
    return "setName" in hello or hello.get("msg") == "isdbgrid"


def _explain(error: PyMongoError, client: AsyncMongoClient[Document], url: str) -> StorageError:
    where = f"MongoDB at {redact(url)}"
    if isinstance(error, OperationFailure) and error.code in ACCESS_CODES:
        return AuthenticationFailed(f"{where} refused the user and password: correct JOURNEY_MONGODB_URL.")
    if isinstance(error, OperationFailure | ConfigurationError):  # among others a host name that DNS does not know
        return InvalidMongoDBURL(f"{where} cannot be used: {error}.")
    topology = client.topology_description
    if topology.topology_type_name == "ReplicaSetNoPrimary":
        return NotWritable(_not_writable(url))
    if any(server.server_type_name == "RSGhost" for server in topology.server_descriptions().values()):
        return NotAReplicaSet(_not_a_replica_set(url))
    return MongoDBUnreachable(
        f"No {where} answers within {SERVER_SELECTION_SECONDS} s ({_first_reason(client) or error}): "
        "start it, correct JOURNEY_MONGODB_URL, or unset it to use the embedded server."
    )


def _first_reason(client: AsyncMongoClient[Document]) -> str | None:
    servers = client.topology_description.server_descriptions().values()
    reasons = (str(server.error) for server in servers if server.error is not None)
    return next((reason.split(" (configured timeouts")[0] for reason in reasons), None)


def _not_a_replica_set(url: str) -> str:
    return (
        f"MongoDB at {redact(url)} is not a replica set, so it has no transactions and no change streams: "
        "start mongod with --replSet NAME and run rs.initiate() once (one node is enough)."
    )


def _not_writable(url: str) -> str:
    return (
        f"The replica set at {redact(url)} has no primary that takes writes: see rs.status(), "
        "and name all members in JOURNEY_MONGODB_URL without directConnection."
    )
