"""Events for tests about features: short to write, a few seconds apart."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from gateway.journey.event import NOTHING, PAGE_VIEWED, Event, Visit

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NAMES = {"!": "order_completed", "?": "search_performed"}


def happened(
    what: str, seconds: float, attributes: Mapping[str, object] = NOTHING, visit: Visit | None = None
) -> Event:
    """Return an event: a page view where `what` begins with "/", else an event of that name."""
    at = NOON + timedelta(seconds=seconds)
    id_ = f"{what} {seconds}"
    page = {"url": f"https://shop.example{what}"} if what.startswith("/") else None
    name = PAGE_VIEWED if page else NAMES.get(what, what)
    told = visit or Visit()
    return Event(id_, id_, "v", "cookie", name, at, at, page=page, attributes=attributes, tell_visit=lambda: told)


def visit_of(*what: str, every: float = 10) -> list[Event]:
    """Return the events of a visit, in equal steps of so many seconds."""
    return [happened(one, number * every) for number, one in enumerate(what)]
