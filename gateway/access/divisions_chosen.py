"""The divisions that somebody names for a token or a write key: those that there are, and that he himself sees."""

from collections.abc import Collection

from gateway.access.viewer import Viewer
from gateway.journey.errors import InvalidValue
from gateway.storage.database import Database
from gateway.storage.divisions import divisions_by_id
from gateway.storage.sight import Sight

MAX_DIVISIONS = 100


async def divisions_chosen(database: Database, viewer: Viewer, field: str, ids: Collection[str]) -> list[str]:
    """Return the ids of divisions, each once.

    Raises:
        InvalidValue: there are none or too many, or one is not there. One that the viewer does not see, is not there.
    """
    if not 1 <= len(ids) <= MAX_DIVISIONS:
        raise InvalidValue(field, list(ids), f"a list of 1 to {MAX_DIVISIONS} entries")
    chosen = list(dict.fromkeys(ids))
    there = await divisions_by_id(database, chosen, Sight(viewer.divisions))
    for id_ in chosen:
        if id_ not in there:
            raise InvalidValue(field, id_, "the id of a division that there is")
    return chosen
