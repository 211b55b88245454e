"""Business outcomes: what a visit should lead to, when it was achieved, and how likely it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A goal of the site, achieved by a session in which an event of the given name happens."""

    id: str
    display_name: str
    event_name: str
    is_active: bool = True
    is_positive: bool = True


@dataclass(frozen=True, slots=True)
class OutcomeAchievement:
    """The first time that a session reached an outcome.

    `pageview_count` is the number of pages that the session had viewed by then, the achieving page included.
    """

    outcome_id: str
    achieved_date: datetime
    event_id: str
    pageview_count: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """How likely a session is to reach an outcome, as told right after its latest event.

    `probability` is in 0..1; `session_max_probability` the highest one of the session so far; a quantile is the share
    of past sessions whose highest probability was lower, None while there are no past sessions to compare with.
    """

    outcome_id: str
    probability: float
    session_max_probability: float
    quantile: float | None
    session_max_quantile: float | None
    modified_date: datetime
    model_id: str | None


def outcomes_by_event_name(outcomes: Iterable[Outcome]) -> Mapping[str, tuple[Outcome, ...]]:
    """Return the active outcomes under the name of the event that achieves them."""
    found: dict[str, tuple[Outcome, ...]] = {}
    for outcome in outcomes:
        if outcome.is_active:
            found[outcome.event_name] = (*found.get(outcome.event_name, ()), outcome)
    return found
