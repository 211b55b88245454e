"""Roles as they are stored: those that operators have made. Each change is in one transaction with its audit entry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.storage.audit_log import AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.errors import StorageError
from gateway.storage.reading import reading
from gateway.storage.records import in_one_transaction
from gateway.storage.writing import writing

COLLECTION = "roles"
MAX_NAMED = 20
"""Tokens that are named at most where a role cannot be deleted because of them."""

RoleChange = Callable[[Mapping[str, Row]], tuple[Row, AuditEntry | None]]
"""From all stored roles, by name, to one as it is to be, and the entry about it; None: nothing is changed."""


class RoleInUse(StorageError):
    """Raised when a role that somebody has is to be deleted; `users` says who, in words."""

    def __init__(self, name: str, users: str) -> None:
        self.users = users
        super().__init__(f"The role {name!r} is in use by {users}.")


async def role_rows(database: Database) -> list[Row]:
    """Return the stored roles, by name."""
    with reading(COLLECTION):
        return await database[COLLECTION].find().sort("_id").to_list()


async def change_role(database: Database, change: RoleChange) -> Row:
    """Store what a change makes of the stored roles, and return that role; what the change raises, changes nothing.

    Raises:
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row:
        rows = await database[COLLECTION].find(session=session).to_list()
        row, entry = change({row["_id"]: row for row in rows})
        if entry is not None:
            await database[COLLECTION].replace_one({"_id": row["_id"]}, row, upsert=True, session=session)
            await record(database, entry, session)
        return row

    with writing(COLLECTION):
        return await in_one_transaction(database, work)


async def remove_role(database: Database, name: str, now: datetime, entry: AuditEntry) -> Row | None:
    """Delete a role that no token in force has; return it as it was, or None where there is none.

    Raises:
        RoleInUse: tokens have it.
        NotStored: MongoDB cannot take it now.
    """

    async def work(session: AsyncClientSession) -> Row | None:
        row = await database[COLLECTION].find_one_and_delete({"_id": name}, session=session)
        if row is None:
            return None
        if tokens := await _tokens_with(database, name, now, session):
            raise RoleInUse(name, _named(tokens))
        await record(database, entry, session)
        return row

    with writing(COLLECTION):
        return await in_one_transaction(database, work)


async def _tokens_with(database: Database, name: str, now: datetime, session: AsyncClientSession) -> list[str]:
    lasting = [{"expiresDate": None}, {"expiresDate": {"$gt": now}}]
    wanted = {"role": name, "revokedDate": None, "$or": lasting}
    found = database["tokens"].find(wanted, {"name": 1}, session=session).sort({"createdDate": 1, "name": 1})
    return [row["name"] async for row in found.limit(MAX_NAMED + 1)]


def _named(tokens: Sequence[str]) -> str:
    more = " and more" if len(tokens) > MAX_NAMED else ""
    names = ", ".join(map(repr, tokens[:MAX_NAMED]))
    return f"the tokens {names}{more}: revoke them first" if len(tokens) > 1 else f"the token {names}: revoke it first"
