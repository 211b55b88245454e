"""What every stored document has in common: a string id, and the camelCase names of the documented products."""

from collections.abc import Iterable
from datetime import UTC, datetime

from beanie import Document
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from gateway.storage.database import Row

_CAMEL_CASE = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


def _stored_name(name: str) -> str:
    return "_id" if name == "id" else to_camel(name)


class Part(BaseModel):
    """A sub-document."""

    model_config = _CAMEL_CASE


class Stored(Document):
    """A document with a string id that is derived or drawn by us."""

    model_config = ConfigDict(alias_generator=_stored_name, populate_by_name=True, extra="forbid")

    id: str  # type: ignore[assignment]  # Beanie declares an optional ObjectId


def without_gaps(pairs: Iterable[tuple[str, object]]) -> Row:
    """Return the pairs as a document, leaving out what is None or empty: an absent field costs no byte."""
    return {name: value for name, value in pairs if value or value.__class__ in _TOLD_BY_NOTHING}


def in_utc(date: datetime) -> datetime:
    """Return a stored date with its time zone, where it was read without.

    PyMongo takes ten times as long for a date with a time zone, and a session may have a dozen of them.
    """
    return date if date.tzinfo else date.replace(tzinfo=UTC)


_TOLD_BY_NOTHING = frozenset((bool, int, float, str))
"""Types whose zero says something; of others it is an absent value, or an empty list or document."""
