"""The write keys, as the collector asks for them: looked up once, and again when they may have changed."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog

from gateway.storage.database import Database
from gateway.storage.errors import StorageError
from gateway.storage.identity_secrets import secrets_in_force
from gateway.storage.rows import all_rows
from snippet.errors import IntakeBusy
from snippet.write_key import WriteKey

RETRY_AFTER_SECONDS = 2
FRESH_SECONDS = 2.0
"""How long a change of a write key may take to reach every process."""


log = structlog.get_logger(__name__)


class WriteKeys:
    """All write keys of the database that are not revoked, read again when the last reading is no longer fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, WriteKey] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._read_well = False

    async def __call__(self, key: str) -> WriteKey | None:
        """Return the write key with this text, or None when there is none.

        A known key is answered at once, also while all keys are being read again; an unknown one waits for that.

        Raises:
            IntakeBusy: MongoDB does not answer, and the key is not known from before.
        """
        if self._reading is None and monotonic() - self._read_at > FRESH_SECONDS:
            self._reading = asyncio.create_task(self._read())
        if key not in self._known and self._reading is not None:
            await asyncio.shield(self._reading)
        if key not in self._known and not self._read_well:
            raise IntakeBusy(RETRY_AFTER_SECONDS)
        return self._known.get(key)

    async def _read(self) -> None:
        try:
            rows = await all_rows(self._database, "writeKeys")
            self._known = {row["key"]: write_key_from(row) for row in rows if row.get("revokedDate") is None}
            self._read_well = True
        except StorageError as error:
            self._read_well = False
            log.warning("write keys could not be read again", error=str(error))
        finally:
            self._read_at, self._reading = monotonic(), None


def write_key_from(row: Mapping[str, Any]) -> WriteKey:
    """Return the write key that is stored so."""
    return WriteKey(
        id=row["_id"],
        key=row["key"],
        name=row["name"],
        allowed_origins=tuple(row["allowedOrigins"]),
        allowed_domains=tuple(row["allowedDomains"]),
        search_parameters=tuple(row["searchParameters"]),
        excluded_query_parameters=tuple(row["excludedQueryParameters"]),
        keep_fragment=row["keepFragment"],
        accept_robots=row["acceptRobots"],
        identity_secrets=secrets_in_force(row, datetime.now(UTC)),
        identity_public_key=row.get("identityPublicKey"),
        division_id=row.get("divisionId"),
    )
