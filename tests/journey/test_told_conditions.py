"""Conditions on their way in: met by the events that are meant, and refused where nobody could ever meet them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.criterion import Criterion, Operator
from gateway.journey.errors import InvalidValue
from gateway.journey.event_name import event_name
from gateway.journey.segment import SegmentScope
from gateway.journey.told_conditions import told_conditions, told_event_name


def of_names(operator: Operator, *values: str) -> Conditions:
    return Conditions(journey=(Pattern((Criterion("eventName", values, operator),)),))


@given(st.text(max_size=300))
def test_who_names_an_event_as_its_sender_does_asks_for_it(name: str) -> None:
    try:
        told = told_event_name(name)
    except InvalidValue:
        assert event_name("track", name) == "event"
    else:
        assert told == event_name("track", name)
        assert told_event_name(told) == told


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        pytest.param(Operator.EQUAL, ("Order Completed", "order_completed"), ("order_completed",), id="whole names"),
        pytest.param(Operator.NOT_EQUAL, ("search",), ("search_performed",), id="a search, whatever it is called"),
        pytest.param(Operator.CONTAINS_ANY, ("search",), ("search",), id="a part is no name of a search"),
        pytest.param(Operator.CONTAINS_ALL, ("Completed", "orderC"), ("completed", "order_c"), id="parts in any case"),
        pytest.param(Operator.STARTS_WITH, ("order_",), ("order_",), id="a part that is plain stays as it is"),
        pytest.param(Operator.ENDS_WITH, ("\u6ce8",), ("u6ce8",), id="letters without an ASCII form"),
        pytest.param(Operator.GREATER_THAN, ("5",), ("5",), id="numbers are no names"),
    ],
)
def test_names_of_events_are_as_intake_stores_them(
    operator: Operator, values: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert told_conditions(of_names(operator, *values)) == of_names(operator, *expected)


def test_values_of_other_keys_stay_as_they_are() -> None:
    asked = Conditions(
        (((Criterion("mktCampaign.source", ("Spring Sale",))),),),
        (Pattern((Criterion("page.title", ("Order Completed",)),)),),
    )
    assert told_conditions(asked) == asked


@pytest.mark.parametrize(
    ("conditions", "field"),
    [
        pytest.param(Conditions(journey=(Pattern(event_name="?"),)), "journey.patterns[0].eventName", id="a name"),
        pytest.param(
            of_names(Operator.EQUAL, "a", "-"), "journey.patterns[0].criteria[0].values", id="one of several values"
        ),
        pytest.param(of_names(Operator.CONTAINS_ANY, " "), "journey.patterns[0].criteria[0].values", id="a part"),
        pytest.param(Conditions(), "journey", id="nothing at all"),
    ],
)
def test_what_nothing_can_be_spelled_of_is_refused_by_its_field(conditions: Conditions, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        told_conditions(conditions)
    assert refused.value.field == field


def test_what_must_never_occur_is_for_sessions_alone() -> None:
    never = Conditions(journey=(Pattern(event_name="cart_viewed"), Pattern(event_name="paid", count=NEVER)))
    assert told_conditions(never) == never
    with pytest.raises(InvalidValue, match=r"`journey.patterns\[1\].count` is 0, but must be at least 1 in a segment"):
        told_conditions(never, SegmentScope.CUSTOMER)
