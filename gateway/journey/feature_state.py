"""What a session keeps of itself for predictions: bounded, and moved on event by event by a pure function.

It knows nothing of any model: each model reads from it what it has learned to look at, see `features`. Serving,
importing, training and offline scoring replay the same function, so what was learned and what is served agree.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple, cast

from gateway.journey.event import PAGE_VIEWED, Event, Visit
from gateway.journey.page_group import page_group

MAX_PLACES = 200
"""Kinds of pages and events that a session tells apart; further ones count as OTHER."""
MAX_ATTRIBUTES = 40
"""Custom attributes that a session remembers: the first ones that it is told."""
RECENT_STEPS = 20
LONGEST_TEXT = 60
"""Characters of an attribute's text that are kept: enough for a category, too few for prose."""
OTHER = "*"
SHORT_GAP_MS, LONG_GAP_MS = 2_000, 300_000
"""Two pages within 2 s are opened by the site or beside one another; a pause of 5 min is one."""
_LONGEST_MS = 2**31 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

CONTEXT: Mapping[str, tuple[str, str]] = {
    "device": ("device", "category"),
    "operating system": ("device", "osFamily"),
    "browser": ("browser", "family"),
    "language": ("browser", "lang"),
    "country": ("geolocation", "country"),
    "referrer": ("referrer", "medium"),
    "campaign source": ("mkt_campaign", "source"),
    "campaign medium": ("mkt_campaign", "medium"),
    "campaign": ("mkt_campaign", "name"),
}
"""What is told apart of the circumstances of a visit: part of the visit, and field of that part."""


class Place(NamedTuple):
    """One kind of page or event in a session.

    It was there so many `times`; `first` and `last` are numbers of steps, from 1; `last_ms` is when the last one was,
    and `dwell_ms` the time until the steps after, both in milliseconds, the former since the session's first event.
    """

    times: int = 0
    first: int = 0
    last: int = 0
    last_ms: int = 0
    dwell_ms: int = 0


class Number(NamedTuple):
    """A custom attribute that is a number: its newest value, the sum of all, how many were told, the highest."""

    last: float
    sum: float
    told: int
    highest: float


Attribute = str | Number


class FeatureState(NamedTuple):
    """How a session has gone so far.

    `begun` is the time of its first event, in milliseconds since 1970, `last_ms` that of the newest one since then.
    `recent` holds the numbers of the newest steps' places, from 0 in the order of `places`, `gaps` the milliseconds
    before each of them, newest last. `run` is how many
    steps in a row were to the same place, `squared_gaps` the sum of squared seconds. `visits` is the number of the
    session among those of its contact, from 1; 0 is unknown.
    """

    begun: int
    last_ms: int = 0
    steps: int = 0
    pages: int = 0
    switches: int = 0
    run: int = 0
    short_gaps: int = 0
    long_gaps: int = 0
    longest_gap: int = 0
    squared_gaps: float = 0.0
    visits: int = 0
    recent: tuple[int, ...] = ()
    gaps: tuple[int, ...] = ()
    places: Mapping[str, Place] = {}
    attributes: Mapping[str, Attribute] = {}
    context: Mapping[str, str] = {}


def begin(event: Event, visits: int = 0) -> FeatureState:
    """Return the state of a session that this event opens, before the event itself is counted."""
    return FeatureState(begun=(event.created_date - _EPOCH) // _MILLISECOND, visits=visits)


def advance_features(state: FeatureState, event: Event, visit: Visit | None = None) -> FeatureState:
    """Return the state after an event; a late event counts as if it came at the time of the newest one.

    `visit` is what is newly known of the circumstances, None where that is nothing new.
    """
    # Taken apart and made at once, as asking a named tuple for its fields one by one takes twice the time
    (
        begun, last_ms, steps, pages, switches, run, short_gaps, long_gaps, longest_gap, squared_gaps, visits,
        recent, gaps, told, attributes, context,
    ) = state  # fmt: skip
    at = min(max((event.created_date - _EPOCH) // _MILLISECOND - begun, last_ms), _LONGEST_MS)
    gap = at - last_ms
    step = steps + 1
    places, keys = dict(told), list(told)
    before = keys[recent[-1]] if recent else None
    if before is not None:
        times, first, last, seen_ms, dwell_ms = places[before]
        places[before] = _placed((times, first, last, seen_ms, min(dwell_ms + gap, _LONGEST_MS)))
    here = _place_of(event)
    if here not in places and len(places) >= MAX_PLACES:
        here = OTHER
    if here in places:
        times, first, _, _, dwell_ms = places[here]
        places[here] = _placed((times + 1, first, step, at, dwell_ms))
        number = keys.index(here)
    else:
        places[here] = _placed((1, step, step, at, 0))
        number = len(keys)
    return _stated(
        (
            begun,
            at,
            step,
            pages + (event.event_name == PAGE_VIEWED),
            switches + (before is not None and here != before),
            run + 1 if here == before else 1,
            short_gaps + (before is not None and gap < SHORT_GAP_MS),
            long_gaps + (gap > LONG_GAP_MS),
            max(longest_gap, gap),
            squared_gaps + (gap / 1000) ** 2,
            visits,
            (*recent[1 - RECENT_STEPS :], number),
            (*gaps[1 - RECENT_STEPS :], gap),
            places,
            _attributes(attributes, event.attributes) if event.attributes else attributes,
            context if visit is None else {**context, **_context(visit)},
        )
    )


_placed = cast("Callable[[tuple[int, ...]], Place]", partial(tuple.__new__, Place))
_stated = cast("Callable[[tuple[object, ...]], FeatureState]", partial(tuple.__new__, FeatureState))
"""Make these of their fields in a quarter of the time that calling the class takes."""


def _place_of(event: Event) -> str:
    """Return what is told apart of an event: the kind of page of a page view, else the event's name."""
    if event.event_name != PAGE_VIEWED:
        return event.event_name
    url = event.page.get("url") if event.page else None
    return page_group(url) if isinstance(url, str) else PAGE_VIEWED


def _attributes(known: Mapping[str, Attribute], told: Mapping[str, object]) -> Mapping[str, Attribute]:
    attributes = dict(known)
    for name, value in told.items():
        if name not in attributes and len(attributes) >= MAX_ATTRIBUTES:
            continue
        if isinstance(value, int | float):
            attributes[name] = _number(attributes.get(name), value)
        elif isinstance(value, str):
            attributes[name] = value[:LONGEST_TEXT]
    return attributes


def _number(known: Attribute | None, told: float) -> Number:
    value = float(told) if abs(told) < _LARGEST else 0.0  # infinite, or no number: nothing to learn from
    if not isinstance(known, Number):
        return Number(value, value, 1, value)
    return Number(value, known.sum + value, known.told + 1, max(known.highest, value))


_LARGEST = 1e30


def _context(visit: Visit) -> dict[str, str]:
    told = {}
    for name, (part, field) in CONTEXT.items():
        value = (getattr(visit, part) or {}).get(field)
        if isinstance(value, str) and value:
            told[name] = value[:LONGEST_TEXT]
    return told
