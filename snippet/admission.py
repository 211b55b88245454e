"""What an event has to pass before it is handed over: a list of checks, each of which may refuse it with a reason."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from snippet.clock import event_time, read_timestamp
from snippet.delivery import Receipt, TimedEvent
from snippet.errors import RefusedEvent
from snippet.event import EVENT_TYPES, WireEvent
from snippet.page_url import clean_addresses, is_within, page_address
from snippet.privacy import BY_DEFAULT, Privacy, has_consented, shorten_address
from snippet.reading import read_event, read_message_id
from snippet.refusal import Refusal
from snippet.robot import is_robot, is_robot_sender
from snippet.write_key import WriteKey

MAX_EVENT_BYTES = 32 * 1024
MAX_MESSAGE_ID_CHARACTERS = 100


class Arrival(NamedTuple):
    """How a request arrived: what its events share.

    `event_type` is set where the path says it (/v1/page), None where each event does (/v1/batch). `sent_at` is as it
    was sent with the batch, `received_date` aware UTC in whole milliseconds. `max_age` is how late an event may come,
    None where history is brought in. `privacy_signal` tells that the browser asks not to be recorded, `privacy` what
    is to be kept all the same.
    """

    write_key: WriteKey
    received_date: datetime
    new_message_id: Callable[[], str]
    event_type: str | None = None
    sent_at: object = None
    user_agent: str | None = None
    max_age: timedelta | None = None
    privacy: Privacy = BY_DEFAULT
    privacy_signal: bool = False


def admit(raw: bytes | msgspec.Raw, arrival: Arrival) -> TimedEvent | Receipt:
    """Return the event written in `raw`, ready to be handed over, or the receipt that says why it is refused."""
    try:
        return admit_or_refuse(raw, arrival)
    except RefusedEvent as refused:
        return Receipt(read_message_id(raw), "rejected", refused.reason, refused.message)


def admit_or_refuse(raw: bytes | msgspec.Raw, arrival: Arrival) -> TimedEvent:
    """Return the event written in `raw`, ready to be handed over.

    Raises:
        RefusedEvent: a check refused it.
    """
    _check_size(raw)
    event = read_event(raw)
    event.type = arrival.event_type or event.type
    event.anonymousId = _unless_blank(event.anonymousId)
    event.userId = _unless_blank(event.userId)
    for check in CHECKS:
        check(event, arrival)
    created_date = _created_date(event, arrival)
    _check_age(created_date, arrival)
    event.messageId = event.messageId or arrival.new_message_id()
    clean_addresses(event, arrival.write_key)
    shorten_address(event, arrival.privacy)
    return TimedEvent(event, created_date)


def _check_size(raw: bytes | msgspec.Raw) -> None:
    size = memoryview(raw).nbytes
    if size > MAX_EVENT_BYTES:
        raise RefusedEvent(Refusal.EVENT_TOO_LARGE, f"the event has {size} bytes; at most {MAX_EVENT_BYTES} are taken.")


def _check_type(event: WireEvent, _: Arrival) -> None:
    if event.type not in EVENT_TYPES:
        known = ", ".join(sorted(EVENT_TYPES))
        raise RefusedEvent(Refusal.UNKNOWN_TYPE, f"type is {event.type[:50]!r}; send one of {known}.")


def _check_privacy_signal(event: WireEvent, arrival: Arrival) -> None:
    """Refuse what a browser with Global Privacy Control sends, unless its visitor has opted in on this very site."""
    if arrival.privacy_signal and arrival.privacy.honour_signal and not has_consented(event):
        message = "the browser sends Sec-GPC: 1 and context.consent.state is not granted; nothing of it is stored."
        raise RefusedEvent(Refusal.PRIVACY_SIGNAL, message)


def _check_identity(event: WireEvent, _: Arrival) -> None:
    if event.anonymousId is None and event.userId is None:
        raise RefusedEvent(Refusal.MISSING_IDENTITY, "anonymousId and userId are both empty; send at least one.")


def _check_event_name(event: WireEvent, _: Arrival) -> None:
    if event.type == "track" and _unless_blank(event.event) is None:
        raise RefusedEvent(Refusal.MISSING_EVENT_NAME, "event is empty; a track call names what happened.")


def _check_message_id(event: WireEvent, _: Arrival) -> None:
    length = len(event.messageId)
    if length > MAX_MESSAGE_ID_CHARACTERS:
        message = f"messageId has {length} characters; at most {MAX_MESSAGE_ID_CHARACTERS} are taken."
        raise RefusedEvent(Refusal.MESSAGE_ID_TOO_LONG, message)


def _check_robot(event: WireEvent, arrival: Arrival) -> None:
    """Judge the visitor's user agent where the event names it, else that of the request."""
    if arrival.write_key.accept_robots:
        return
    visitor = event.context.get("userAgent")
    if isinstance(visitor, str) and visitor:
        robot = visitor if is_robot(visitor) else None
    else:
        robot = arrival.user_agent if arrival.user_agent and is_robot_sender(arrival.user_agent) else None
    if robot is not None:
        raise RefusedEvent(Refusal.ROBOT, f"the user agent is {robot[:100]!r}; this write key accepts no robots.")


def _check_domain(event: WireEvent, arrival: Arrival) -> None:
    """Refuse pages of other sites. An event without a page, such as a back end sends, has nothing to check."""
    domains = arrival.write_key.allowed_domains
    address = page_address(event) if domains else None
    if address is not None and not is_within(address, domains):
        message = f"the page's url is {address[:100]!r}; this write key collects on {', '.join(domains)}."
        raise RefusedEvent(Refusal.DOMAIN_NOT_ALLOWED, message)


CHECKS: tuple[Callable[[WireEvent, Arrival], None], ...] = (
    _check_privacy_signal,
    _check_type,
    _check_identity,
    _check_event_name,
    _check_message_id,
    _check_robot,
    _check_domain,
)


def _created_date(event: WireEvent, arrival: Arrival) -> datetime:
    sent_at = event.sentAt or arrival.sent_at or None
    if sent_at is not None and not isinstance(sent_at, str):
        kind = type(sent_at).__name__
        raise RefusedEvent(
            Refusal.UNREADABLE_TIMESTAMP, f"sentAt of the batch is of type {kind}, not an ISO 8601 text."
        )
    return event_time(
        read_timestamp(event.timestamp, "timestamp") if event.timestamp else None,
        read_timestamp(sent_at, "sentAt") if sent_at else None,
        arrival.received_date,
    )


def _check_age(created_date: datetime, arrival: Arrival) -> None:
    age = arrival.received_date - created_date
    if arrival.max_age is not None and age > arrival.max_age:
        hours = arrival.max_age / timedelta(hours=1)
        message = f"the event's time is {created_date.isoformat()}; it may come at most {hours:g} hours late."
        raise RefusedEvent(Refusal.TOO_OLD, message)


def _unless_blank(text: str | None) -> str | None:
    return None if not text or text.isspace() else text
