"""Walking through what a document selects, in the order of its executor."""

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse

from gateway.graph.selections import fragments_of, grouped, selected, within


@pytest.mark.parametrize(
    ("document", "names"),
    [
        pytest.param("{ a b a }", {"a": 2, "b": 1}, id="fields"),
        pytest.param("{ x: a y: a a }", {"x": 1, "y": 1, "a": 1}, id="other names"),
        pytest.param("{ a ... { b ... on Q { c } } d }", {"a": 1, "b": 1, "c": 1, "d": 1}, id="inline fragments"),
        pytest.param("{ a ...F b } fragment F on Q { c }", {"a": 1, "c": 1, "b": 1}, id="a fragment"),
        pytest.param("{ ...F ...F } fragment F on Q { c }", {"c": 1}, id="a fragment that is spread twice"),
        pytest.param("{ ...F } fragment F on Q { ...G a } fragment G on Q { b ...F }", {"b": 1, "a": 1}, id="a circle"),
        pytest.param("{ ...F a }", {"a": 1}, id="a fragment that is not there"),
    ],
)
def test_fields_are_found_wherever_they_stand(document: str, names: dict[str, int]) -> None:
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    groups = grouped(selected([operation.selection_set], fragments_of(parsed)))
    assert {name: len(nodes) for name, nodes in groups.items()} == names
    assert list(groups) == list(names)


def test_what_is_not_entered_is_left_out_with_all_that_it_selects() -> None:
    parsed = parse("{ a ... { b } ...F } fragment F on Q { c }")
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    entered = selected([operation.selection_set], fragments_of(parsed), lambda node, _: isinstance(node, FieldNode))
    assert list(grouped(entered)) == ["a"]


def test_fields_of_one_name_are_selected_from_together() -> None:
    parsed = parse("{ a { b } a a { c } }")
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    groups = grouped(selected([operation.selection_set], {}))
    assert list(grouped(selected(within(groups["a"]), {}))) == ["b", "c"]
