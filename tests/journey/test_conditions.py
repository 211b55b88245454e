"""Conditions: which can be evaluated, how each refusal names what is wrong, and that what is written reads the same."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.conditions import MAX_CHARACTERS, MAX_COUNT, NEVER, Conditions, Pattern, check_conditions
from gateway.journey.conditions_format import conditions_from, written_conditions
from gateway.journey.criterion import Criterion, Operator
from gateway.journey.criterion_keys import CONTEXT_KEYS, JOURNEY_KEYS
from gateway.journey.errors import InvalidValue

CART = Criterion("page.url", ("/cart",), Operator.CONTAINS_ANY)
NEWS = Criterion("mktCampaign.source", ("news",))


def journey(*criteria: Criterion, count: int = 1, event_name: str | None = None) -> Conditions:
    return Conditions(journey=(Pattern(criteria, count, event_name),))


def context(*criteria: Criterion) -> Conditions:
    return Conditions(context=(criteria,))


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param(journey(CART), id="a pattern"),
        pytest.param(context(NEWS), id="a criterion of the visit alone"),
        pytest.param(journey(event_name="order_completed"), id="the name of an event alone"),
        pytest.param(journey(CART, count=NEVER), id="never"),
        pytest.param(journey(CART, count=MAX_COUNT), id="as often as can be"),
        pytest.param(journey(Criterion("attributes.total.value", ("9.5",), Operator.GREATER_THAN)), id="a number"),
        pytest.param(journey(Criterion("attributes.a.b c.value", ("x",))), id="an attribute of any name"),
        pytest.param(journey(Criterion("page.title", ("x" * MAX_CHARACTERS,))), id="a long text"),
        pytest.param(Conditions(journey=(Pattern((CART,), 1, None, "App", "app"),)), id="events of an app"),
    ],
)
def test_conditions_that_can_be_evaluated(conditions: Conditions) -> None:
    assert check_conditions(conditions) is conditions


@pytest.mark.parametrize(
    ("conditions", "field"),
    [
        pytest.param(Conditions(), "journey", id="none at all"),
        pytest.param(context(), "journey", id="a context without any criterion"),
        pytest.param(journey(), "journey.patterns[0].criteria", id="a pattern that any event would fit"),
        pytest.param(journey(CART, count=-1), "journey.patterns[0].count", id="less than never"),
        pytest.param(journey(CART, count=MAX_COUNT + 1), "journey.patterns[0].count", id="too often"),
        pytest.param(journey(NEWS), "journey.patterns[0].criteria[0].key", id="a key of visits asked of an event"),
        pytest.param(context(CART), "context.patterns[0].criteria[0].key", id="a key of events asked of a visit"),
        pytest.param(
            journey(Criterion("attributes.total", ("1",))),
            "journey.patterns[0].criteria[0].key",
            id="half an attribute",
        ),
        pytest.param(
            journey(CART, Criterion("page.url", ())), "journey.patterns[0].criteria[1].values", id="without values"
        ),
        pytest.param(
            journey(Criterion("page.url", ("/cart", ""))), "journey.patterns[0].criteria[0].values", id="an empty value"
        ),
        pytest.param(
            journey(Criterion("page.url", ("1", "2") * 51)), "journey.patterns[0].criteria[0].values", id="many values"
        ),
        pytest.param(
            journey(Criterion("page.url", ("x" * (MAX_CHARACTERS + 1),))),
            "journey.patterns[0].criteria[0]",
            id="a value that is too long",
        ),
        pytest.param(
            journey(Criterion("page.url", ("\ud800",))), "journey.patterns[0].criteria[0]", id="half a character"
        ),
        pytest.param(
            journey(event_name="x" * (MAX_CHARACTERS + 1)), "journey.patterns[0].eventName", id="a name too long"
        ),
        pytest.param(
            journey(Criterion("attributes.total.value", ("many",), Operator.LESS_THAN)),
            "journey.patterns[0].criteria[0].values",
            id="less than what is no number",
        ),
        pytest.param(
            journey(Criterion("attributes.total.value", ("nan",), Operator.LESS_THAN)),
            "journey.patterns[0].criteria[0].values",
            id="less than not a number",
        ),
        pytest.param(journey(*[CART] * 21), "journey.patterns[0].criteria", id="many criteria"),
        pytest.param(Conditions(journey=(Pattern((CART,)),) * 21), "journey.patterns", id="many patterns"),
        pytest.param(Conditions(context=((NEWS,),) * 21), "context.patterns", id="many patterns of the visit"),
        pytest.param(
            Conditions(journey=(Pattern((CART,), stream_type="Conversation"),)),
            "journey.patterns[0].streamType",
            id="a stream that is not collected",
        ),
        pytest.param(
            Conditions(journey=(Pattern((CART,), stream_type="App"),)),
            "journey.patterns[0].sessionType",
            id="a stream of another type of session",
        ),
    ],
)
def test_conditions_that_make_no_sense_are_refused_by_the_name_of_the_field(conditions: Conditions, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_conditions(conditions)
    assert refused.value.field == field
    assert refused.value.allowed in str(refused.value)


CRITERION = {"key": "page.url", "values": ["/cart"]}


@pytest.mark.parametrize(
    ("written", "field"),
    [
        pytest.param({"journey": []}, "journey", id="a journey that is a list"),
        pytest.param({"context": "all"}, "context", id="a context that is a text"),
        pytest.param({"journey": {"patterns": {"0": {}}}}, "journey.patterns", id="patterns that are an object"),
        pytest.param({"journey": {"patterns": ["cart"]}}, "journey.patterns[0]", id="a pattern that is a text"),
        pytest.param(
            {"journey": {"patterns": [{"criteria": [{**CRITERION, "operator": "matches"}]}]}},
            "journey.patterns[0].criteria[0].operator",
            id="an unknown operator",
        ),
        pytest.param(
            {"journey": {"patterns": [{"criteria": [{**CRITERION, "operator": ["equal"]}]}]}},
            "journey.patterns[0].criteria[0].operator",
            id="operators in a list",
        ),
        pytest.param(
            {"journey": {"patterns": [{"criteria": [{**CRITERION, "values": "/cart"}]}]}},
            "journey.patterns[0].criteria[0].values",
            id="values that are a text",
        ),
        pytest.param(
            {"journey": {"patterns": [{"criteria": [{**CRITERION, "values": ["/cart", 3]}]}]}},
            "journey.patterns[0].criteria[0].values[1]",
            id="a value that is a number",
        ),
        pytest.param(
            {"journey": {"patterns": [{"criteria": [{"values": ["/cart"]}]}]}},
            "journey.patterns[0].criteria[0].key",
            id="no key",
        ),
        pytest.param(
            {"context": {"patterns": [{"criteria": [{**CRITERION, "shouldIgnoreCase": "false"}]}]}},
            "context.patterns[0].criteria[0].shouldIgnoreCase",
            id="a text for true or false",
        ),
        pytest.param({"journey": {"patterns": [{"count": True}]}}, "journey.patterns[0].count", id="true is no count"),
        pytest.param({"journey": {"patterns": [{"count": 1.5}]}}, "journey.patterns[0].count", id="half a count"),
        pytest.param({"journey": {"patterns": [{"eventName": 7}]}}, "journey.patterns[0].eventName", id="a number"),
        pytest.param({"journey": {"patterns": [{"streamType": None}]}}, "journey.patterns[0].streamType", id="null"),
    ],
)
def test_conditions_that_are_written_wrongly_are_refused_by_the_name_of_the_field(
    written: Mapping[str, object], field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        conditions_from(written)
    assert refused.value.field == field


@pytest.mark.parametrize(("written", "read"), [("like", Operator.CONTAINS_ANY), ("notLike", Operator.NOT_CONTAINS_ANY)])
def test_operators_of_older_exports_are_read(written: str, read: Operator) -> None:
    told = conditions_from({"journey": {"patterns": [{"criteria": [{**CRITERION, "operator": written}]}]}})
    assert told == journey(Criterion("page.url", ("/cart",), read))


criteria_of_visits = st.builds(
    Criterion,
    st.sampled_from(sorted(CONTEXT_KEYS)),
    st.tuples(st.text(min_size=1)),
    st.just(Operator.EQUAL),
    st.booleans(),
)
criteria_of_events = st.builds(
    Criterion,
    st.sampled_from([*JOURNEY_KEYS, "attributes.total.value"]),
    st.tuples(st.sampled_from(["1", "20"]), st.text(min_size=1)),
    st.sampled_from(Operator),
    st.booleans(),
)
patterns = st.builds(
    Pattern,
    st.lists(criteria_of_events, min_size=1, max_size=3).map(tuple),
    st.integers(NEVER, MAX_COUNT),
    st.none() | st.text("abc_", min_size=1),
)


@given(
    st.builds(
        Conditions,
        st.lists(st.lists(criteria_of_visits, max_size=3).map(tuple), max_size=3).map(tuple),
        st.lists(patterns, min_size=1, max_size=3).map(tuple),
    )
)
def test_what_is_written_reads_the_same(conditions: Conditions) -> None:
    assert check_conditions(conditions_from(written_conditions(conditions))) == conditions
