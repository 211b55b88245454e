"""The roles that there are: those that are delivered, and those that operators have made, read from the database.

Requests ask a memory of each process, which is read anew at most once a second: so nobody waits for one command more,
and a changed role is in force everywhere within a second or two.
"""

import asyncio
from collections.abc import Iterable, Mapping
from time import monotonic
from types import MappingProxyType

from gateway.access.permissions import ROLES, Permission, RolesByName
from gateway.storage.database import Database, Row
from gateway.storage.roles import role_rows

FRESH_SECONDS = 1.0
"""For so long what was read counts as what there is."""
DESCRIPTIONS: Mapping[str, str] = {
    "agent": "Serves customers.",
    "supervisor": "Looks after those who serve customers, and tidies up.",
    "analyst": "Studies visits, and defines outcomes and segments; sees nobody's contact.",
    "admin": "Runs the gateway, and may do everything.",
}
"""What the delivered roles are for."""


class Roles:
    """The roles there are, as the requests of one process ask for them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._roles: RolesByName = ROLES
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def all(self) -> RolesByName:
        """Return all roles; the very same mapping as before, as long as nothing has changed.

        Raises:
            MongoDBUnreachable: nobody can say now.
        """
        return self._roles if monotonic() - self._read_at <= FRESH_SECONDS else await self._anew()

    async def among(self, names: Iterable[str]) -> RolesByName:
        """Return at least the roles of these names that there are; for delivered ones nothing is read.

        One that is not known may have been made a moment ago: so it is looked for before it counts as not there.

        Raises:
            MongoDBUnreachable: nobody can say now.
        """
        wanted = set(names)
        if ROLES.keys() >= wanted:
            return ROLES
        roles = await self.all()
        return roles if roles.keys() >= wanted else await self._anew()

    async def _anew(self) -> RolesByName:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="roles")
            self._reading.add_done_callback(_noted)
        await asyncio.shield(self._reading)
        return self._roles

    async def _read(self) -> None:
        try:
            found = await roles_there(self._database)
            if found != self._roles:
                self._roles = found
            self._read_at = monotonic()
        finally:
            self._reading = None


async def roles_there(database: Database) -> RolesByName:
    """Return the roles that there are at this moment.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    return roles_with(await role_rows(database))


def roles_with(rows: Iterable[Row]) -> RolesByName:
    """Return the delivered roles, and those stored that are named otherwise."""
    own = {row["_id"]: permissions_in(row) for row in rows if row["_id"] not in ROLES}
    return MappingProxyType({**ROLES, **own})


def permissions_in(row: Row) -> frozenset[Permission]:
    """Return the permissions of a stored role; those that this version does not know are left out."""
    stored = frozenset(row["permissions"])
    return frozenset(permission for permission in Permission if permission.value in stored)


def role_row(row: Row) -> Row:
    """Return a stored role as it is told: with the permissions that it has in this version."""
    return {**row, "permissions": sorted(permissions_in(row))}


async def role_rows_told(database: Database) -> list[Row]:
    """Return all roles as they are told, the delivered ones first, the others by name.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    stored = await role_rows(database)
    return [*_DELIVERED, *(role_row(row) for row in stored if row["_id"] not in ROLES)]


_DELIVERED: tuple[Row, ...] = tuple(
    {"_id": name, "description": DESCRIPTIONS[name], "permissions": sorted(permissions)}
    for name, permissions in ROLES.items()
)


def _noted(reading: "asyncio.Task[None]") -> None:
    """Look at how a reading has ended, in case that everybody who waited for it has gone."""
    if not reading.cancelled():
        reading.exception()
