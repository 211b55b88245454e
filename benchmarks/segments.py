"""What watching for segments costs an event, with few of them and with very many."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from benchmarks.figures import Bench, Figure
from gateway.journey.advance import Visitor, advance
from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.contact import contact_id_of
from gateway.journey.criterion import Criterion, Operator
from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.event import Event, Identifier, Visit
from gateway.journey.segment import Segment, SegmentScope

FEW, MANY = 50, 5_000
TIMES_OF_FEW = 2
"""How much longer an event may take with many segments than with few."""
VISITORS, EVENTS_A_VISIT = 1_500, 12
ROUNDS = 5
PRODUCTS, CATEGORIES, WORDS, CAMPAIGNS, SITES = 2_000, 400, 800, 200, 300
_SEED = 7
_BEGUN = datetime(2026, 5, 1, 12, tzinfo=UTC)


def measure_segments(bench: Bench) -> list[Figure]:
    """Visits to a shop, one event after the other through the domain, in this process and without anything around it.

    The segments are of ten kinds in equal shares: pages, searches, attributes, sequences, counts, campaigns, referrers,
    what never occurs, and what occurs over all visits. The best of five rounds counts, taken in turn.
    """
    bench.say("watching for segments")
    events = list(_events(random.Random(_SEED)))
    segments = list(_segments(random.Random(_SEED), MANY))
    sizes = (0, FEW, MANY)
    in_force = {size: definitions_of([], segments[:size]) for size in sizes}
    best = {size: float("inf") for size in sizes}
    assigned = {}
    for _ in range(ROUNDS):
        for size in sizes:
            took, assigned[size] = _played(events, in_force[size])
            best[size] = min(best[size], took / len(events) * 1e6)
    return [_figure(size, best, assigned[size], len(events)) for size in sizes]


def _figure(size: int, best: Mapping[int, float], assigned: int, events: int) -> Figure:
    times = best[size] / best[FEW]
    is_many = size == MANY
    return Figure(
        f"an event through the domain with {size:,} segments",
        f"{best[size]:.1f} us",
        f"{events:,} events of {VISITORS:,} visits; they came into {assigned:,} segments",
        f"at most {TIMES_OF_FEW} times that with {FEW}" if is_many else "",
        times <= TIMES_OF_FEW if is_many else None,
        "" if size == FEW else f"{times:.2f} of that with {FEW}",
    )


def _played(events: Sequence[Event], definitions: Definitions) -> tuple[float, int]:
    """Return the seconds that all events took, and how often a visit or a customer came into a segment."""
    visitors = {event.customer_id: Visitor(contact_id_of("cookie", event.customer_id)) for event in events}
    begun = time.perf_counter()
    for event in events:
        visitors[event.customer_id], _ = advance(visitors[event.customer_id], event, definitions)
    took = time.perf_counter() - begun
    of_sessions = sum(len(one.segment_assignments) for known in visitors.values() for one in known.sessions)
    of_customers = sum(len(known.first.segment_assignments) for known in visitors.values() if known.first)
    return took, of_sessions + of_customers


class _Happens(NamedTuple):
    """What an event tells beside who and when."""

    name: str
    path: str
    title: str
    search: str | None = None
    attributes: Mapping[str, object] = {}


def _events(chance: random.Random) -> Iterator[Event]:
    """Yield the events of all visits, those of many visitors in turn."""
    visits = [_visit(chance) for _ in range(VISITORS)]
    for place in range(EVENTS_A_VISIT):
        for number, visit in enumerate(visits):
            yield _event(f"visitor-{number}", place, _happens(chance, place), visit)


def _event(visitor: str, place: int, happens: _Happens, visit: Visit) -> Event:
    at = _BEGUN + timedelta(seconds=20 * place)
    id_ = f"{visitor}-{place}"
    return Event(
        id=id_,
        message_id=id_,
        customer_id=visitor,
        customer_id_type="cookie",
        event_name=happens.name,
        created_date=at,
        received_date=at,
        page={"url": f"https://shop.example{happens.path}", "title": happens.title},
        search_query=happens.search,
        attributes=happens.attributes,
        identifiers=(Identifier("Cookie", visitor),),
        tell_visit=lambda: visit,
    )


def _visit(chance: random.Random) -> Visit:
    campaign = {"source": f"campaign-{_some(chance, CAMPAIGNS)}", "medium": "cpc"} if chance.random() < 1 / 3 else None
    return Visit(
        browser={"family": chance.choice(("Chrome", "Safari", "Firefox"))},
        device={"category": chance.choice(("mobile", "desktop"))},
        referrer={"hostname": f"site-{_some(chance, SITES)}.example", "medium": "search"},
        mkt_campaign=campaign,
    )


def _happens(chance: random.Random, place: int) -> _Happens:
    category, product = _some(chance, CATEGORIES), _some(chance, PRODUCTS)
    attributes = {"product": f"p-{product}", "price": chance.randrange(5, 500)}
    path, title = f"/product/{product}-item", f"Item {product} of the shop"
    roll = chance.random()
    if place and roll < 0.1:  # noqa: PLR2004 - the share is told here
        word = f"word{_some(chance, WORDS)}"
        return _Happens("search_performed", f"/search?q={word}", "Search", f"a {word} please")
    if place and roll < 0.2:  # noqa: PLR2004 - as above
        return _Happens("product_added", path, title, attributes=attributes)
    if place and roll < 0.25:  # noqa: PLR2004 - as above
        return _Happens("order_completed", "/thanks", "Thank you", attributes=attributes)
    if roll < 0.5:  # noqa: PLR2004 - as above
        return _Happens("page_viewed", f"/category/{category}-things", f"Things {category}")
    return _Happens("page_viewed", path, title)


def _some(chance: random.Random, number: int) -> int:
    """Return one of so many, the first ones more often than the last ones, as visitors choose."""
    return int(number * chance.random() ** 2)


def _segments(chance: random.Random, number: int) -> Iterator[Segment]:
    for place in range(number):
        conditions = _KINDS[place % len(_KINDS)](chance)
        scope = SegmentScope.CUSTOMER if place % len(_KINDS) == 0 else SegmentScope.SESSION
        yield Segment(f"s-{place}", f"Segment {place}", 1, conditions, scope)


def _journey(*patterns: Pattern) -> Conditions:
    return Conditions(journey=patterns)


def _product_page(chance: random.Random) -> Pattern:
    words = (f"/product/{chance.randrange(PRODUCTS)}-item",)
    return Pattern((Criterion("page.url", words, Operator.CONTAINS_ANY),), 1, "page_viewed")


def _category_page(chance: random.Random, count: int = 1) -> Pattern:
    path = f"/category/{chance.randrange(CATEGORIES)}-things"
    return Pattern((Criterion("page.pathname", (path,)),), count, "page_viewed")


def _product_event(chance: random.Random, name: str, *more: Criterion, count: int = 1) -> Pattern:
    product = Criterion("attributes.product.value", (f"p-{chance.randrange(PRODUCTS)}",))
    return Pattern((product, *more), count, name)


def _search(chance: random.Random) -> Pattern:
    words = (f"word{chance.randrange(WORDS)} ",)
    return Pattern((Criterion("searchQuery", words, Operator.CONTAINS_ANY, should_ignore_case=True),))


def _title(chance: random.Random) -> Pattern:
    words = (f"item {chance.randrange(PRODUCTS)} of", "shop")
    return Pattern((Criterion("page.title", words, Operator.CONTAINS_ALL, should_ignore_case=True),))


def _campaign(chance: random.Random) -> Conditions:
    source = Criterion("mktCampaign.source", (f"campaign-{chance.randrange(CAMPAIGNS)}",))
    return Conditions(((source, Criterion("device.category", ("mobile",))),))


def _referred(chance: random.Random) -> Conditions:
    hostname = Criterion("referrer.hostname", (f"site-{chance.randrange(SITES)}.example",))
    return Conditions(((hostname,),), (_category_page(chance),))


_DEAR = Criterion("attributes.price.value", ("250",), Operator.GREATER_THAN)
_KINDS: Sequence[Callable[[random.Random], Conditions]] = (
    lambda chance: _journey(_product_event(chance, "order_completed", count=2)),
    lambda chance: _journey(_product_page(chance)),
    lambda chance: _journey(_category_page(chance, count=3)),
    lambda chance: _journey(_product_event(chance, "product_added", _DEAR)),
    lambda chance: _journey(_search(chance)),
    lambda chance: _journey(_search(chance), _product_page(chance), _product_event(chance, "product_added")),
    lambda chance: _journey(_product_event(chance, "product_added"), Pattern((), NEVER, "order_completed")),
    lambda chance: _journey(_title(chance)),
    _campaign,
    _referred,
)
"""The kinds of segments, in equal shares; the first is of customers."""
