import pytest

from benchmarks.judge import Goal
from benchmarks.prediction_quality import definition_of
from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.conditions_format import conditions_from
from gateway.journey.criterion import Criterion
from gateway.journey.definition_fields import DefinitionKind
from gateway.journey.definition_record import DefinitionRecord, read_definitions

GIFT = Criterion("attributes.kind.value", ("gift",))


@pytest.mark.parametrize(
    ("goal", "criteria"),
    [
        pytest.param(Goal("Order Completed"), (), id="an event"),
        pytest.param(Goal("Order Completed", {"kind": "gift"}), (GIFT,), id="an event with an attribute"),
    ],
)
def test_the_outcome_is_written_as_definitions_are_read(goal: Goal, criteria: tuple[Criterion, ...]) -> None:
    [read] = read_definitions(definition_of(goal, "Order"))
    assert isinstance(read, DefinitionRecord), read
    assert (read.kind, read.name) == (DefinitionKind.OUTCOME, "Order")
    if criteria:
        assert conditions_from(read.fields) == Conditions(journey=(Pattern(criteria, 1, "order_completed"),))
    else:
        assert read.fields["eventName"] == "order_completed"
