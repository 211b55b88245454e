"""Gather the facts: from the environment, the files, the database, and a running server if one answers."""

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path

import httpx

from gateway.access.roles import roles_there
from gateway.cli.running_server import new_client
from gateway.cli.security.facts import Facts, Served
from gateway.cli.surroundings import ADMIN_TOKEN_FILE, surroundings
from gateway.clock import now
from gateway.settings import PREFIX, Settings
from gateway.storage.mongodb_address import MongoDBAddress
from gateway.storage.rows import all_rows

_TOKEN_IN_PAGE = re.compile(r'name="journey-token" content="[^"{]')
_PAGES = ("/healthz", "/live/", "/graphiql", "/metrics")


async def gather(settings: Settings, url: str, environ: Mapping[str, str]) -> Facts:
    """Return the facts of this machine, its database, and the server at this address."""
    async with surroundings(settings, join=True) as ready:
        database = ready.connection.database
        return Facts(
            settings=settings,
            variables=frozenset(name for name, value in environ.items() if name.startswith(PREFIX) and value),
            url=url,
            served=await _served(url),
            mongodb=MongoDBAddress.read(ready.mongodb_url),
            mongodb_version=await ready.connection.version(),
            tokens=tuple(await all_rows(database, "tokens")),
            write_keys=tuple(await all_rows(database, "writeKeys")),
            roles=await roles_there(database),
            data_dir_mode=_mode(settings.data_dir),
            token_file_mode=_mode(settings.data_dir / ADMIN_TOKEN_FILE),
            is_root=os.geteuid() == 0,
            now=now(),
        )


async def _served(url: str) -> Served | None:
    async with new_client(url) as client:
        try:
            health, live, graphiql, metrics = await asyncio.gather(*(client.get(path) for path in _PAGES))
        except httpx.HTTPError:
            return None
    if not health.is_success:
        return None
    return Served(
        over_tls="strict-transport-security" in health.headers,
        demo=live.is_success,
        graphiql=graphiql.is_success,
        token_in_page=any(page.is_success and _TOKEN_IN_PAGE.search(page.text) for page in (live, graphiql)),
        metrics=metrics.is_success,
    )


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return None
