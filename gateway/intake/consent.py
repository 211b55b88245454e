"""The consent that a call tells in its `context`: {"consent": {"state": "granted" or "denied", "date": ISO 8601}}."""

from collections.abc import Mapping
from datetime import datetime

from gateway.intake.untyped import part_of, text_of
from gateway.journey.consent import Consent, ConsentState
from snippet.clock import EARLIEST, read_timestamp, whole_milliseconds
from snippet.errors import RefusedEvent

_STATES: Mapping[str | None, ConsentState] = {"granted": ConsentState.GRANTED, "denied": ConsentState.DENIED}


def read_consent(context: Mapping[str, object], received_date: datetime) -> Consent | None:
    """Return the decision that the context tells, or None when it tells none that we know.

    A date that is missing, unreadable or in the future gives way to the time of arrival: what is newest must not be
    settled for good by a clock that is wrong.
    """
    told = part_of(context, "consent")
    state = _STATES.get(text_of(told, "state"))
    return None if state is None else Consent(state, _date(text_of(told, "date"), received_date))


def _date(text: str | None, received_date: datetime) -> datetime:
    try:
        date = whole_milliseconds(read_timestamp(text, "consent.date")) if text else received_date
    except RefusedEvent:
        return received_date
    return min(date, received_date) if date >= EARLIEST else received_date
