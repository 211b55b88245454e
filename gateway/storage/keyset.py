"""Keyset paging: an order by fields, a cursor that is a place in it, and the filter for what lies behind that place.

A cursor holds the values of the ordering fields, so a page never skips or repeats a row, however many come and go.
Pure functions: they build queries, others run them.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec

from gateway.storage.database import Row
from gateway.storage.errors import StorageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Value = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | str  # BSON has no larger numbers


class BadCursor(StorageError):
    """Raised for a cursor that this list did not give out."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order by stored fields: pairs of path and direction (1 ascending, -1 descending); the last makes it unique."""

    keys: tuple[tuple[str, int], ...]

    def reversed(self) -> "Order":
        """Return the opposite order."""
        return Order(tuple((path, -direction) for path, direction in self.keys))

    def sort(self) -> dict[str, int]:
        """Return the order as a `$sort` stage's specification."""
        return dict(self.keys)


NEWEST_FIRST = Order((("createdDate", -1), ("_id", -1)))
LAST_REJECTED_FIRST = Order((("rejectedDate", -1), ("_id", -1)))
LAST_RECORDED_FIRST = Order((("date", -1), ("_id", -1)))
LAST_TRAINED_FIRST = Order((("trainedDate", -1), ("_id", -1)))
NEWEST_EVENT_FIRST = Order((("createdDate", -1), ("sequence", -1), ("_id", -1)))
"""The order of events over several sessions; of two in the same millisecond, the one that arrived later comes first."""
AS_IT_HAPPENED = Order((("createdDate", 1), ("sequence", 1)))
"""The order of events within one session; `sequence` is unique there."""


def cursor_of(row: Mapping[str, Any], order: Order) -> str:
    """Return the opaque place of a row in this order."""
    values = [_plain(value_at(row, path)) for path, _ in order.keys]
    return urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def behind(cursor: str, order: Order) -> Row:
    """Return the filter for rows that come after the cursor in this order.

    Raises:
        BadCursor: the cursor is not of this order.
    """
    values = _values(cursor, order)
    branches: list[Row] = []
    for depth, (path, direction) in enumerate(order.keys):
        same = {order.keys[i][0]: values[i] for i in range(depth)}
        branches.append({**same, path: {"$gt" if direction > 0 else "$lt": values[depth]}})
    first, direction = order.keys[0]
    # The bound on the first key alone lets the planner start in the middle of the index; $or by itself would not.
    return {first: {"$gte" if direction > 0 else "$lte": values[0]}, "$or": branches}


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path, or None where the path ends early."""
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _values(cursor: str, order: Order) -> list[object]:
    try:
        values = msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[_Value])
        if len(values) == len(order.keys):
            dates = [path.endswith(("Date", "date")) for path, _ in order.keys]
            return [_EPOCH + timedelta(milliseconds=int(v)) if d else v for v, d in zip(values, dates, strict=True)]
    except (ValueError, OverflowError, msgspec.DecodeError):
        pass
    raise BadCursor(f"The cursor {cursor!r} is none of this list: pass a cursor of the same field, unchanged.")


def _plain(value: object) -> object:
    return round((value - _EPOCH) / timedelta(milliseconds=1)) if isinstance(value, datetime) else value
