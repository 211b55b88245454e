"""Outcomes: by what they are achieved."""

from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.outcome import Outcome

THANKS = Conditions(journey=(Pattern(event_name="thanks_viewed", count=2),))


def test_an_outcome_of_an_event_name_is_achieved_by_one_such_event() -> None:
    assert Outcome("o-1", "Order", "order_completed").conditions.journey == (Pattern(event_name="order_completed"),)


def test_an_outcome_that_asks_for_more_is_achieved_by_that() -> None:
    assert Outcome("o-1", "Order", asked=THANKS).conditions is THANKS
