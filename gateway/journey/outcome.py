"""Business outcomes: what a visit should lead to, when it was achieved, and how likely it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gateway.journey.conditions import Conditions, Pattern


@dataclass(frozen=True, slots=True)
class Outcome:
    """A goal of the site. `event_name` is that of the event that achieves it, where nothing else is asked for.

    `associated_value` names the attribute of that event which holds what it is worth.
    """

    id: str
    display_name: str
    event_name: str | None = None
    is_active: bool = True
    is_positive: bool = True
    version: int = 1
    asked: Conditions | None = None
    associated_value: str | None = None

    @property
    def conditions(self) -> Conditions:
        """What a session achieves it by."""
        return self.asked or Conditions(journey=(Pattern(event_name=self.event_name),))


@dataclass(frozen=True, slots=True)
class OutcomeAchievement:
    """The first time that a session reached an outcome.

    `event_id` is None where the end of the session achieved it; `pageview_count` is the number of pages that the
    session had viewed by then, the achieving page included.
    """

    outcome_id: str
    achieved_date: datetime
    event_id: str | None
    pageview_count: int


class Reason(NamedTuple):
    """What moved a prediction: `words` say it of the visitor, `effect` is how far, in log-odds; positive raises it."""

    words: str
    effect: float


class Prediction(NamedTuple):
    """How likely a session is to reach an outcome, as told right after its latest event.

    `probability` is in 0..1; `session_max_probability` the highest one of the session so far; a quantile is the share
    of past sessions whose highest probability was lower, None while there are no past sessions to compare with.
    `reasons` are what moved it most, strongest first; a model without any has none.
    """

    outcome_id: str
    probability: float
    session_max_probability: float
    quantile: float | None
    session_max_quantile: float | None
    modified_date: datetime
    model_id: str | None
    reasons: tuple[Reason, ...] = ()
