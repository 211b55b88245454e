"""Consent: whether a visitor allows to be recorded, and since when."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class ConsentState(Enum):
    """What the visitor decided."""

    GRANTED = "GRANTED"
    DENIED = "DENIED"


@dataclass(frozen=True, slots=True)
class Consent:
    """A decision, and when it was made: aware UTC in whole milliseconds."""

    state: ConsentState
    date: datetime


def newest(one: Consent | None, other: Consent | None) -> Consent | None:
    """Return the later decision, whichever came in first; of two at the same moment, the refusal."""
    if one is None or other is None:
        return one or other
    if one.date == other.date:
        return one if one.state is ConsentState.DENIED else other
    return max(one, other, key=lambda consent: consent.date)
