"""Roles of one's own: made, changed and deleted by people who may do no less themselves, as the audit log tells."""

import re
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from gateway.access.errors import MoreThanOwn
from gateway.access.permissions import ROLES, Permission
from gateway.access.roles import role_row, roles_with
from gateway.access.viewer import Viewer
from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import text
from gateway.storage.audit_log import AuditAction, AuditEntry
from gateway.storage.database import Database, Row
from gateway.storage.roles import RoleInUse, change_role, remove_role

MAX_ROLES = 100
MAX_DESCRIPTION = 2_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_SETTING = "JOURNEY_OIDC_ROLES: take it out there first"


@dataclass(frozen=True, slots=True)
class WantedRole:
    """A role to make or to change.

    It begins with the permissions of the role `like`, else with those that it has; then `allow` and `deny` add and take
    away. A description that is None stays, an empty one is taken away.
    """

    name: str
    like: str | None = None
    allow: Collection[str] = ()
    deny: Collection[str] = ()
    description: str | None = None


async def set_role(database: Database, wanted: WantedRole, maker: Viewer, now: datetime) -> Row:
    """Make a role, or change one. It is in force within two seconds, and who loses by it is cut off live.

    Returns:
        The role as it is told.

    Raises:
        InvalidValue: a field has a value that it cannot have; the role is a delivered one.
        MoreThanOwn: the role would have permissions that the maker lacks, or he sees only some divisions.
        NotStored: MongoDB cannot take it now.
    """
    _refuse_delivered(wanted.name)
    _refuse_some_divisions(maker)
    allowed, denied = _permissions("allow", wanted.allow), _permissions("deny", wanted.deny)
    for permission in sorted(allowed & denied):
        raise InvalidValue("deny", permission.value, "a permission that is not to be allowed as well")
    told = None if wanted.description is None else text(MAX_DESCRIPTION, shortest=0)("description", wanted.description)

    def change(stored: Mapping[str, Row]) -> tuple[Row, AuditEntry | None]:
        permissions = (_beginning(wanted, stored) | allowed) - denied
        refuse_more_than_own(maker, permissions, f"`name` is {wanted.name!r}, a role which would have")
        before = stored.get(wanted.name)
        after = _changed(before or _new(wanted.name, stored, now), permissions, told, now)
        return after, _entry_of(before, after, maker, now)

    return role_row(await change_role(database, change))


async def delete_role(
    database: Database, name: str, deleter: Viewer, now: datetime, mapped: Collection[str] = ()
) -> Row | None:
    """Delete a role that nobody has: no token in force, nor the setting JOURNEY_OIDC_ROLES, whose roles are `mapped`.

    Returns:
        The role as it was, or None where there is none.

    Raises:
        InvalidValue: it is a delivered one.
        MoreThanOwn: the deleter sees only some divisions.
        RoleInUse: somebody has it.
        NotStored: MongoDB cannot take it now.
    """
    _refuse_delivered(name)
    _refuse_some_divisions(deleter)
    if name in mapped:
        raise RoleInUse(name, _SETTING)
    if not _NAME.fullmatch(name):
        return None
    row = await remove_role(database, name, now, _entry(AuditAction.DELETED, name, {}, deleter, now))
    return None if row is None else role_row(row)


def refuse_more_than_own(maker: Viewer, permissions: AbstractSet[Permission], what: str) -> None:
    """Refuse to give permissions that somebody does not have himself; `what` has them, or would.

    Raises:
        MoreThanOwn: with the permissions that are missing.
    """
    missing = sorted(permissions - maker.permissions)
    if missing:
        raise MoreThanOwn(f"{what} permissions that you lack: {', '.join(missing)}.", missing[0].value)


def _refuse_delivered(name: str) -> None:
    if name in ROLES:
        stays = f"the name of a role of your own: {name} is delivered and stays as it is, make one like it"
        raise InvalidValue("name", name, stays)


def _refuse_some_divisions(viewer: Viewer) -> None:
    if viewer.divisions is not None:
        raise MoreThanOwn("Roles hold in all divisions: they are set and deleted by those who see all of them.")


def _permissions(field: str, names: Collection[str]) -> frozenset[Permission]:
    known = {permission.value: permission for permission in Permission}
    for name in names:
        if name not in known:
            near = get_close_matches(name[:100], known, n=3) or ["journey:event:view"]
            raise InvalidValue(field, name, f"the name of a permission, such as {', '.join(near)}")
    return frozenset(known[name] for name in names)


def _beginning(wanted: WantedRole, stored: Mapping[str, Row]) -> frozenset[Permission]:
    """Return the permissions that a role begins with."""
    roles = roles_with(stored.values())
    if wanted.like is not None:
        if wanted.like not in roles:
            raise InvalidValue("like", wanted.like, f"one of {', '.join(sorted(roles))}")
        return roles[wanted.like]
    if wanted.name not in roles and not wanted.allow:
        raise InvalidValue("like", None, "the name of a role, unless `allow` is given: there is no such role to change")
    return roles.get(wanted.name, frozenset())


def _new(name: str, stored: Mapping[str, Row], now: datetime) -> Row:
    if not _NAME.fullmatch(name):
        allowed = "1 to 63 small letters, digits, - and _, the first a letter or a digit"
        raise InvalidValue("name", name, allowed)
    if len(stored) >= MAX_ROLES:
        raise InvalidValue("name", name, f"the name of a role that there is, for there are {MAX_ROLES} already")
    return {"_id": name, "permissions": [], "createdDate": now, "modifiedDate": now}


def _changed(row: Row, permissions: AbstractSet[Permission], description: object, now: datetime) -> Row:
    kept = description if description is not None else row.get("description")
    changed = {**row, "permissions": sorted(permissions), "description": kept or None}
    if changed["description"] is None:
        del changed["description"]
    return changed if changed == row else {**changed, "modifiedDate": now}


def _entry_of(before: Row | None, after: Row, maker: Viewer, now: datetime) -> AuditEntry | None:
    """Return what the audit log tells of a change, or None where there is none."""
    if before == after:
        return None
    had, has = set((before or {}).get("permissions", ())), set(after["permissions"])
    details: dict[str, object] = {"allowed": sorted(has - had), "denied": sorted(had - has)}
    if (before or {}).get("description") != after.get("description"):
        details["fields"] = ["description"]
    action = AuditAction.CREATED if before is None else AuditAction.UPDATED
    return _entry(action, after["_id"], details, maker, now)


def _entry(action: AuditAction, name: str, details: Mapping[str, object], actor: Viewer, now: datetime) -> AuditEntry:
    told = {key: value for key, value in details.items() if value}
    return AuditEntry(now, actor.name or actor.role, action, (), {"roleName": name, **told})
