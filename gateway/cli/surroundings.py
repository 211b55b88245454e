"""What every command starts from: the settings of the environment, a log, and a database that is ready."""

import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog
import uvloop

from gateway.access.first_keys import FirstKeys, ensure_first_keys
from gateway.cli.failures import told_in_one_line
from gateway.clock import now
from gateway.settings import Settings
from gateway.storage.audit_log import keep_audit_log
from gateway.storage.connection import Connection, connect
from gateway.storage.embedded import embedded_mongodb
from gateway.storage.preparation import prepare
from gateway.storage.private_files import make_private_directory, write_private_file

Result = TypeVar("Result")
ADMIN_TOKEN_FILE = "admin-token"  # noqa: S105 - the name of a file, not a token


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A running MongoDB, prepared, and the keys to it."""

    settings: Settings
    mongodb_url: str
    connection: Connection
    keys: FirstKeys


def run(command: Coroutine[object, object, Result]) -> Result:
    """Run a command to its end on the fast event loop; failures are told in one line."""
    with told_in_one_line():
        return uvloop.run(command)


def read_settings(overrides: Mapping[str, object] | None = None) -> Settings:
    """Return the settings of the environment; options of the command line that were given win."""
    given = {name: str(value) for name, value in (overrides or {}).items() if value is not None}
    settings = Settings.read({**os.environ, **given})
    start_log(settings.log_level)
    return settings


def start_log(level: str) -> None:
    """Send the log to standard error, from this level on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # the plain traceback: the rich one prints local variables, which hold customers' data
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


@asynccontextmanager
async def mongodb_url(settings: Settings, *, join: bool) -> AsyncIterator[str]:
    """Yield the URL of the MongoDB of these settings; an embedded one runs until the end of the block."""
    if settings.mongodb_url is not None:
        yield settings.mongodb_url
        return
    async with embedded_mongodb(settings.data_dir, join=join) as url:
        yield url


@asynccontextmanager
async def surroundings(settings: Settings, *, join: bool = True) -> AsyncIterator[Surroundings]:
    """Yield a database that is ready to be used; with `join`, one that a running server uses as well."""
    async with mongodb_url(settings, join=join) as url, await connect(url, settings.database) as connection:
        await prepare(connection)
        await keep_audit_log(connection.database, settings.audit_kept_for)
        keys = await ensure_first_keys(
            connection.database, settings.write_key, settings.admin_token, lambda: secrets.token_urlsafe(32), now()
        )
        yield Surroundings(settings, url, connection, _remembered(settings, keys))


def _remembered(settings: Settings, keys: FirstKeys) -> FirstKeys:
    """Keep a newly made token in the data directory, for its owner's eyes only, and find it there again."""
    path = Path(settings.data_dir) / ADMIN_TOKEN_FILE
    if keys.admin_token is not None:
        make_private_directory(path.parent)
        write_private_file(path, keys.admin_token + "\n")
        return keys
    known = settings.admin_token or (path.read_text().strip() if path.is_file() else None)
    return FirstKeys(keys.write_key, known)
