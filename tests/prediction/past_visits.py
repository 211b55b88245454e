"""Made-up past visits: who views the cart early orders more often, and those on a telephone less."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.event import PAGE_VIEWED, Event, Visit
from gateway.journey.outcome import Outcome
from gateway.journey.replay import played_to_the_end
from gateway.journey.session import Session

BEGIN = datetime(2026, 4, 1, tzinfo=UTC)
ORDER = Outcome("o-1", "Order", "order_completed")
DEFINITIONS: Definitions = definitions_of([ORDER])
MOBILE, DESKTOP = Visit(device={"category": "mobile"}), Visit(device={"category": "desktop"})


def visit(number: int, random: Random, since: datetime = BEGIN, *, turned: bool = False) -> list[Event]:
    """Return the events of one visit; with `turned`, those who view the cart order less often."""
    at = since + timedelta(minutes=30 * number)
    mobile, interested = random.random() < 0.5, random.random() < 0.4
    pages = ["/cart" if interested and random.random() < 0.7 else f"/p/{random.randrange(900)}" for _ in range(5)]
    share = 0.1 + 0.6 * (("/cart" in pages) is not turned) - 0.1 * mobile
    names = [PAGE_VIEWED] * len(pages) + ["order_completed"] * (random.random() < share)
    return [
        Event(
            f"{number} {step}",
            f"{number} {step}",
            f"v{number}",
            "cookie",
            name,
            at + timedelta(seconds=20 * step),
            at,
            page={"url": f"https://shop.example{pages[step]}"} if name == PAGE_VIEWED else None,
            attributes={"dice": random.randrange(6), "colour": random.choice(["red", "blue"])},
            tell_visit=partial(_told, MOBILE if mobile else DESKTOP),
        )
        for step, name in enumerate(names)
    ]


def visits(count: int, seed: int = 1, since: datetime = BEGIN, *, turned: bool = False) -> list[list[Event]]:
    """Return so many visits, half an hour apart."""
    random = Random(seed)  # noqa: S311 - no secret
    return [visit(number, random, since, turned=turned) for number in range(count)]


def played(past: Sequence[Sequence[Event]]) -> list[list[Session]]:
    """Return the states of each visit."""
    return [played_to_the_end(list(events), DEFINITIONS, 1) for events in past]


def _told(visit: Visit) -> Visit:
    return visit
