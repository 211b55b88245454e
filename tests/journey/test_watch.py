"""Watching: progress event by event is the same as looking at all events anew, however the definitions are indexed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.criterion import Criterion, Operator, holds
from gateway.journey.criterion_keys import reader_of_event, reader_of_visit
from gateway.journey.event import Event, Visit
from gateway.journey.session import Session, open_session
from gateway.journey.watch import NO_PROGRESS, AllProgress, Progress, Watch, Watched

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HISTORIES = 1_000


def event(number: int, name: str = "page_viewed", url: str | None = None, **attributes: object) -> Event:
    at = NOON + timedelta(minutes=number)
    page = {"url": url} if url else None
    return Event(f"e{number}", f"m{number}", "v", "cookie", name, at, at, page=page, attributes=attributes)


def session(browser: str | None = None) -> Session:
    visit = Visit(browser={"family": browser}) if browser else Visit()
    return open_session(event(0), "c")._replace(visit=visit)


def page(*words: str, count: int = 1, operator: Operator = Operator.CONTAINS_ANY) -> Pattern:
    return Pattern((Criterion("page.url", words, operator),), count, "page_viewed")


def met_by(conditions: Conditions, events: Sequence[Event], visit: Session | None = None) -> list[str | None]:
    """Return the id of the event by which the conditions were met, once and again."""
    watch, progress, met = Watch([Watched("d", 1, conditions)]), NO_PROGRESS, set[str]()
    found: list[str | None] = []
    for number, one in enumerate(events):
        progress, ids = watch.moved(progress, one, visit or session(), met, visit_is_news=number == 0)
        met.update(ids)
        found += [one.id for _ in ids]
    return found


CART, CHECKOUT = "https://shop.example/cart", "https://shop.example/checkout"


@pytest.mark.parametrize(
    ("journey", "urls", "expected"),
    [
        pytest.param((page("/cart"),), ["/", CART, CART], ["e1"], id="once, by the first event that fits"),
        pytest.param((page("/cart", count=2),), [CART, "/", CART], ["e2"], id="as often as it must occur"),
        pytest.param((page("/cart"), page("/checkout")), [CHECKOUT, CART, "/", CHECKOUT], ["e3"], id="in sequence"),
        pytest.param((page("/cart"), page("/checkout")), [CHECKOUT, CART], [], id="not the other way round"),
        pytest.param((page("shop"), page("cart")), [CART], [], id="an event counts for one pattern alone"),
        pytest.param((page("shop"), page("cart")), [CART, CART], ["e1"], id="and the next event for the next"),
        pytest.param((page("/cart"), page("/checkout", count=NEVER)), [CART], [], id="never: not before the end"),
    ],
)
def test_patterns_are_met_in_sequence(journey: tuple[Pattern, ...], urls: list[str], expected: list[str]) -> None:
    events = [event(number, url=url) for number, url in enumerate(urls)]
    assert met_by(Conditions(journey=journey), events) == expected


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        pytest.param([CART, "/"], ("d",), id="the cart was left"),
        pytest.param([CART, CHECKOUT], (), id="the cart was bought"),
        pytest.param([CHECKOUT, CART], (), id="also when that was before"),
        pytest.param(["/"], (), id="there was no cart"),
    ],
)
def test_what_must_never_occur_is_told_when_the_session_is_over(urls: list[str], expected: tuple[str, ...]) -> None:
    watch = Watch([Watched("d", 1, Conditions(journey=(page("/cart"), page("/checkout", count=NEVER))))])
    progress = NO_PROGRESS
    for number, url in enumerate(urls):
        progress, ids = watch.moved(progress, event(number, url=url), session(), (), visit_is_news=False)
        assert not ids
    assert watch.met_at_the_end(progress, session(), ()) == expected
    assert watch.awaits_end(progress, ()) is bool(expected)


def test_a_visit_that_becomes_known_later_meets_what_waited_for_it() -> None:
    conditions = Conditions(((Criterion("browser.family", ("Firefox",)),),), (page("/cart"),))
    watch = Watch([Watched("d", 1, conditions)])
    progress, ids = watch.moved(NO_PROGRESS, event(0, url=CART), session(), (), visit_is_news=True)
    assert not ids
    progress, ids = watch.moved(progress, event(1), session("Firefox"), (), visit_is_news=True)
    assert ids == ("d",)
    assert progress == {"d": Progress(1)}


def test_another_version_begins_anew() -> None:
    twice = Conditions(journey=(page("/cart", count=2),))
    progress, _ = Watch([Watched("d", 1, twice)]).moved(
        NO_PROGRESS, event(0, url=CART), session(), (), visit_is_news=False
    )
    _, ids = Watch([Watched("d", 2, twice)]).moved(progress, event(1, url=CART), session(), (), visit_is_news=False)
    assert ids == ()


def test_what_has_not_moved_is_the_very_same() -> None:
    progress: AllProgress = {}
    watch = Watch([Watched("d", 1, Conditions(journey=(page("/cart"),)))])
    assert watch.moved(progress, event(0, url="/"), session(), (), visit_is_news=False)[0] is progress


words = st.sampled_from(["cart", "CART", "checkout", "a", "shop", "straße", "STRASSE", "/cart/", "7", "12"])
urls = st.lists(words, max_size=3).map("/".join)
operators = st.sampled_from(list(Operator))
values = st.lists(words, min_size=1, max_size=3).map(tuple)
numbers = st.sampled_from([("1",), ("7",), ("12",)])


def criteria(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Criterion]:
    return st.builds(Criterion, keys, values | numbers, operators, st.booleans())


patterns = st.builds(
    Pattern,
    st.lists(criteria(st.sampled_from(["page.url", "eventName", "attributes.size.value"])), max_size=2).map(tuple),
    st.sampled_from([NEVER, 1, 1, 2]),
    st.sampled_from(["page_viewed", "cart", None]),
)
contexts = st.lists(criteria(st.just("browser.family")), max_size=1).map(lambda told: (tuple(told),) if told else ())
definitions = st.lists(
    st.builds(Conditions, contexts, st.lists(patterns, max_size=3).map(tuple)), min_size=1, max_size=4
)
events = st.lists(
    st.tuples(
        st.sampled_from(["page_viewed", "cart", "a"]), urls, st.none() | st.sampled_from([1, 7, 12, "7", "cart"])
    ),
    max_size=8,
)


def looked_at_anew(conditions: Conditions, told: Sequence[Event], visit: Session) -> tuple[int | None, bool]:
    """Return after how many events the conditions are met, and whether they are at the end, from all events."""

    def fits(pattern: Pattern, one: Event) -> bool:
        named = pattern.event_name in (None, one.event_name)
        return named and all(holds(c)(reader_of_event(c.key)(one)) for c in pattern.criteria)

    in_visit = all(holds(c)(reader_of_visit(c.key)(visit)) for c in conditions.about_visit)
    is_violated = any(fits(never, one) for never in conditions.nevers for one in told)
    waiting = [pattern for pattern in conditions.sequence for _ in range(pattern.count)]
    last = 0
    for number, one in enumerate(told, start=1):
        if waiting and fits(waiting[0], one):
            waiting.pop(0)
            last = number
    is_there = not waiting and in_visit
    if conditions.nevers:
        return None, is_there and not is_violated
    has_begun = conditions.sequence or conditions.about_visit
    return (max(last, 1) if is_there and has_begun and told else None), False


@settings(max_examples=HISTORIES, deadline=None)
@given(definitions, events, st.none() | words)
def test_progress_event_by_event_is_what_all_events_tell(
    told: list[Conditions], happened: list[tuple[str, str, object]], browser: str | None
) -> None:
    watch = Watch(Watched(str(number), 1, conditions) for number, conditions in enumerate(told))
    visit, history = session(browser), [event(n, name, url, size=size) for n, (name, url, size) in enumerate(happened)]
    progress, met = NO_PROGRESS, dict[str, int]()
    for number, one in enumerate(history, start=1):
        progress, ids = watch.moved(progress, one, visit, met, visit_is_news=number == 1)
        met |= dict.fromkeys(ids, number)
    at_the_end = watch.met_at_the_end(progress, visit, met)
    for number, conditions in enumerate(told):
        assert (met.get(str(number)), str(number) in at_the_end) == looked_at_anew(conditions, history, visit)
