"""Past sessions, played again event by event through the very functions that serve."""

from collections.abc import Iterable, Iterator, Sequence

from gateway.journey.definitions import Definitions
from gateway.journey.event import Event
from gateway.journey.fulfilment import fulfilled, fulfilled_at_the_end
from gateway.journey.session import Session, apply_event, open_session, with_features


def replayed(events: Iterable[Event], definitions: Definitions, visits: int = 0) -> Iterator[Session]:
    """Yield a session after each of its events, in order of arrival; `visits` is its number among its contact's."""
    session: Session | None = None
    for event in events:
        before = session
        session = apply_event(before or open_session(event, ""), event)
        session = fulfilled(before, session, event, definitions)
        session = with_features(before, session, event, visits)
        yield session


def played_to_the_end(events: Sequence[Event], definitions: Definitions, visits: int = 0) -> list[Session]:
    """Return a session after each of its events, and once more as it is when it is over."""
    states = list(replayed(events, definitions, visits))
    if not states:
        return []
    last = states[-1]
    over = last.last_event.created_date + definitions.session_timeout
    return [*states, fulfilled_at_the_end(last, over, definitions) if last.awaits_end else last]
