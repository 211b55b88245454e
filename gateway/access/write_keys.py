"""Write keys: who may collect. Made, changed and revoked by people, each of which the audit log tells."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.access.divisions_chosen import divisions_chosen
from gateway.access.viewer import Viewer
from gateway.journey.division import HOME
from gateway.journey.write_key import write_key_settings
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database, Row
from gateway.storage.identity_secrets import rotate_identity_secret
from gateway.storage.key_changes import add_key, change_key, revoke_key
from gateway.storage.write_keys import new_write_key_row, write_keys_within

COLLECTION = "writeKeys"
PREFIX = "wk_"
DIVISION = "divisionId"
_RANDOM_BYTES = 32


async def create_write_key(database: Database, told: Mapping[str, object], maker: Viewer, now: datetime) -> Row:
    """Make a write key with these settings, of which only `name` is needed; without origins it collects everywhere.

    Returns:
        The write key as it is stored, its text included.

    Raises:
        InvalidValue: a setting has a value that it cannot have.
        NotStored: MongoDB cannot take it now.
    """
    settings = await _settings(database, {DIVISION: None, **told}, maker)
    row = new_write_key_row(PREFIX + secrets.token_urlsafe(_RANDOM_BYTES), str(settings["name"]), now)
    row |= {name: value for name, value in settings.items() if value is not None}
    await add_key(database, COLLECTION, row, _entry(AuditAction.CREATED, row["_id"], settings, maker, now))
    return row


async def change_write_key(
    database: Database, write_key_id: str, told: Mapping[str, object], changer: Viewer, now: datetime
) -> Row | None:
    """Change settings of a write key; what is not told stays. Servers follow within seconds.

    Returns:
        The write key as it is now, or None where there is none that the changer sees.

    Raises:
        InvalidValue: a setting has a value that it cannot have.
        NotStored: MongoDB cannot take it now.
    """
    settings = await _settings(database, told, changer)
    entry = _entry(AuditAction.UPDATED, write_key_id, settings, changer, now)
    return await change_key(database, COLLECTION, _seen(write_key_id, changer), settings, entry)


async def revoke_write_key(database: Database, write_key_id: str, revoker: Viewer, now: datetime) -> Row | None:
    """Revoke a write key, for ever: within seconds it collects nothing more. What it has collected stays.

    Returns:
        The write key as it is now, or None where there is none that the revoker sees.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    entry = _entry(AuditAction.REVOKED, write_key_id, {}, revoker, now)
    return await revoke_key(database, COLLECTION, _seen(write_key_id, revoker), now, entry)


async def set_identity_key(
    database: Database, write_key_id: str, public_key: str | None, changer: Viewer, now: datetime
) -> Row | None:
    """Set the public key, in PEM, that the site's tokens about its visitors are checked with; None removes it.

    Returns:
        The write key as it is now, or None where there is none that the changer sees.

    Raises:
        NotStored: MongoDB cannot take it now.
    """
    changed = {"identityPublicKey": public_key}
    entry = _entry(AuditAction.UPDATED, write_key_id, changed, changer, now)
    return await change_key(database, COLLECTION, _seen(write_key_id, changer), changed, entry)


async def new_identity_secret(
    database: Database, write_key_id: str, changer: Viewer, now: datetime, grace: timedelta
) -> str:
    """Put a new identity secret in the place of the present ones, which stay valid for the time of grace at most.

    Raises:
        NotStored: the audit log cannot take its entry now; then nothing is changed.
    """
    await record(database, _entry(AuditAction.UPDATED, write_key_id, {"identitySecrets": ...}, changer, now))
    return await rotate_identity_secret(database, write_key_id, now, grace)


async def _settings(database: Database, told: Mapping[str, object], viewer: Viewer) -> dict[str, object]:
    """Return the settings as they are kept; a division that is None is the home division."""
    settings = write_key_settings({name: value for name, value in told.items() if name != DIVISION})
    if DIVISION in told:
        (division,) = await divisions_chosen(database, viewer, DIVISION, [str(told[DIVISION] or HOME)])
        settings[DIVISION] = None if division == HOME else division
    return settings


def _seen(write_key_id: str, viewer: Viewer) -> Row:
    return {"_id": write_key_id, **write_keys_within(viewer.divisions)}


def _entry(
    action: AuditAction, write_key_id: str, changed: Mapping[str, object], actor: Viewer, now: datetime
) -> AuditEntry:
    details: dict[str, object] = {"writeKeyId": write_key_id} | ({"fields": sorted(changed)} if changed else {})
    return AuditEntry(now, actor.name or actor.role, action, (), details)
