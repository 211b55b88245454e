"""Criteria: what each operator says about a value, and about one that was not told."""

import pytest

from gateway.journey.criterion import NEGATIVE, Criterion, Operator, holds

O = Operator  # noqa: E741 - read as the head of each row


@pytest.mark.parametrize(
    ("operator", "values", "value", "expected"),
    [
        pytest.param(O.EQUAL, ("cart",), "cart", True, id="equal to the value"),
        pytest.param(O.EQUAL, ("cart", "checkout"), "checkout", True, id="equal to one of the values"),
        pytest.param(O.EQUAL, ("cart",), "Cart", False, id="equal minds the case"),
        pytest.param(O.EQUAL, ("true",), True, True, id="true is told as JSON writes it"),
        pytest.param(O.EQUAL, ("3",), 3.0, True, id="a whole number has no point"),
        pytest.param(O.NOT_EQUAL, ("cart",), "home", True, id="not equal"),
        pytest.param(O.NOT_EQUAL, ("cart", "home"), "home", False, id="not equal to any of them"),
        pytest.param(O.CONTAINS_ANY, ("/cart", "/checkout"), "https://shop.example/checkout/2", True, id="any of them"),
        pytest.param(O.CONTAINS_ALL, ("/cart", "step=2"), "/cart?step=2", True, id="all of them"),
        pytest.param(O.CONTAINS_ALL, ("/cart", "step=2"), "/cart?step=3", False, id="but one of them"),
        pytest.param(O.NOT_CONTAINS_ANY, ("/cart", "/checkout"), "/cart", False, id="not any of them"),
        pytest.param(O.NOT_CONTAINS_ALL, ("/cart", "step=2"), "/cart", True, id="not all of them"),
        pytest.param(O.STARTS_WITH, ("http:", "https:"), "https://shop.example/", True, id="starts with one of them"),
        pytest.param(O.ENDS_WITH, (".pdf",), "/terms.pdf?x", False, id="does not end so"),
        pytest.param(O.GREATER_THAN, ("9",), "10", True, id="numbers compare as numbers"),
        pytest.param(O.GREATER_THAN_OR_EQUAL, ("10",), 10, True, id="as great"),
        pytest.param(O.LESS_THAN, ("10",), 9.99, True, id="less"),
        pytest.param(O.LESS_THAN_OR_EQUAL, ("10",), 10.01, False, id="not less"),
        pytest.param(O.GREATER_THAN, ("10",), "many", False, id="what is no number is not greater"),
        pytest.param(O.LESS_THAN, ("10",), "many", False, id="nor less"),
        pytest.param(O.LESS_THAN, ("10",), True, False, id="true is no number"),
        pytest.param(O.LESS_THAN, ("10",), "nan", False, id="not a number is not less"),
    ],
)
def test_an_operator_compares_a_value(
    operator: Operator, values: tuple[str, ...], value: object, expected: bool
) -> None:
    assert holds(Criterion("key", values, operator))(value) is expected


@pytest.mark.parametrize("operator", list(Operator), ids=lambda operator: operator.value)
def test_what_was_not_told_fits_the_negative_operators_alone(operator: Operator) -> None:
    assert holds(Criterion("key", ("1",), operator))(None) is (operator in NEGATIVE)


@pytest.mark.parametrize("operator", [O.EQUAL, O.CONTAINS_ANY, O.CONTAINS_ALL, O.STARTS_WITH, O.ENDS_WITH])
def test_the_case_is_ignored_where_it_should_be(operator: Operator) -> None:
    assert holds(Criterion("key", ("STRASSE",), operator, should_ignore_case=True))("straße")
