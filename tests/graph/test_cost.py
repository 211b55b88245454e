"""What an operation costs: at most before it is executed, and in fact afterwards."""

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    parse,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.graph.cost import MOST, OperationCost, check_cost, estimated_cost
from gateway.graph.cost_directives import PAGED, list_size_of, weight_of
from gateway.graph.errors import BadInput, CostExceeded
from gateway.graph.limits import Limits
from gateway.graph.schema import make_schema
from tests.graph.library import SCHEMA, executed

OURS = make_schema()._schema
VARIABLES = {"many": 4, "none": None, "yes": True, "no": False}
HEAD = "query($many: Int, $few: Int = 2, $none: Int = 4, $yes: Boolean!, $no: Boolean = true, $text: String = null)"


def cost_of(document: str) -> OperationCost:
    parsed = parse(document)
    errors = validate(SCHEMA, parsed)
    assert not errors, errors
    return OperationCost(SCHEMA, parsed, None)


@pytest.mark.parametrize(
    ("document", "variables", "cost"),
    [
        pytest.param("{ __typename }", {}, 1, id="the root alone"),
        pytest.param("{ author { name } }", {}, 1 + 1 + 1, id="a field and an object"),
        pytest.param("{ a: author { name } b: author { name } }", {}, 5, id="an alias counts again"),
        pytest.param("{ author { name } author { name } }", {}, 3, id="what is merged counts once"),
        pytest.param(
            "{ author { name } ...F } fragment F on Query { author { favourite { name } } }", {}, 7, id="parts"
        ),
        pytest.param("{ books { count } }", {}, 3, id="a page without rows"),
        pytest.param("{ books { nodes { name } } }", {}, 3 + 1 + 20 * 3, id="a page: 20, if nobody says"),
        pytest.param("{ books(first: 7) { nodes { name } } }", {}, 3 + 1 + 7 * 3, id="first"),
        pytest.param("{ books(last: 7) { nodes { name } } }", {}, 3 + 1 + 7 * 3, id="last"),
        pytest.param("{ books(first: 2, last: 7) { nodes { name } } }", {}, 3 + 1 + 7 * 3, id="the larger one"),
        pytest.param("{ books(first: null) { nodes { name } } }", {}, 3 + 1 + 20 * 3, id="null is as if absent"),
        pytest.param(
            "query($n: Int) { books(first: $n) { nodes { name } } }", {"n": 9}, 3 + 1 + 9 * 3, id="a variable"
        ),
        pytest.param("query($n: Int!) { books(first: $n) { nodes { name } } }", {"n": 9.0}, 31, id="9.0 is 9"),
        pytest.param("query($n: Int = 9) { books(first: $n) { nodes { name } } }", {}, 31, id="its default"),
        pytest.param("query($n: Int = 9) { books(first: $n) { nodes { name } } }", {"n": None}, 64, id="null, sent"),
        pytest.param("query($n: Int) { books(first: $n) { nodes { name } } }", {"n": "x"}, 64, id="what is no number"),
        pytest.param("query($n: Int) { books(first: $n) { nodes { name } } }", {"n": [1]}, 64, id="a list"),
        pytest.param("{ top { name } }", {}, 1 + 5 + 3 * 3, id="the default of the schema"),
        pytest.param("{ top(count: 8) { name } }", {}, 1 + 5 + 8 * 3, id="a list with an argument for its size"),
        pytest.param("{ top { blurb } }", {}, 1 + 5 + 3 * (3 + 2), id="a scalar with a weight"),
        pytest.param("{ things { name } }", {}, 1 + 1 + 4 * 3, id="an interface: its costliest type"),
        pytest.param('{ things(search: "x") { name } }', {}, 14 + 7, id="an argument with a weight"),
        pytest.param("{ things { ... on Author { favourite { name } } } }", {}, 1 + 1 + 4 * (1 + 1 + 3), id="a type"),
        pytest.param("{ things { ... on Book { blurb } ... on Author { name } } }", {}, 2 + 4 * 5, id="either type"),
        pytest.param("{ author @skip(if: true) { name } }", {}, 1, id="skipped"),
        pytest.param("{ author @include(if: false) { name } }", {}, 1, id="not included"),
        pytest.param("query($s: Boolean!) { author @skip(if: $s) { name } }", {"s": True}, 1, id="a switch on"),
        pytest.param("query($s: Boolean!) { author @skip(if: $s) { name } }", {"s": False}, 3, id="a switch off"),
        pytest.param(
            "query($s: Boolean!) { ... @include(if: $s) { author { name } } }", {"s": False}, 1, id="fragment"
        ),
        pytest.param(get_introspection_query(), {}, 10_001, id="introspection, however much it asks for"),
        pytest.param('{ a: __type(name: "Book") { name } b: __type(name: "Book") { name } }', {}, 201, id="one type"),
        pytest.param(
            "{ books(first: 100) { nodes { author { books(first: 100) { nodes { author { books(first: 100) "
            "{ nodes { name } } } } } } } } }",
            {},
            1 + 2 + 1 + 100 * (3 + 2 + 2 + 1 + 100 * (3 + 2 + 2 + 1 + 100 * 3)),
            id="100 x 100 x 100",
        ),
    ],
)
def test_the_estimate_is_that_of_the_specification(document: str, variables: Mapping[str, object], cost: float) -> None:
    assert cost_of(document).estimate(variables) == cost
    assert estimated_cost(SCHEMA, parse(document), None, variables) == cost


def test_only_the_operation_that_is_asked_for_counts() -> None:
    document = parse("query A { author { name } } query B { top { name } }")
    assert estimated_cost(SCHEMA, document, "A", None) == 3
    assert estimated_cost(SCHEMA, document, "B", None) == 15
    with pytest.raises(LookupError, match="'C'"):
        OperationCost(SCHEMA, document, "C")


def test_fragments_that_double_at_each_level_are_worked_out_once() -> None:
    levels = " ".join(
        f"fragment F{level} on Author {{ a: favourite {{ ...F{level + 1} }} b: favourite {{ ...F{level + 1} }} }}"
        for level in range(60)
    )
    document = parse(f"{{ author {{ ...F0 }} }} {levels} fragment F60 on Author {{ name }}")
    assert estimated_cost(SCHEMA, document, None, None) == MOST


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        pytest.param("{ books(first: 1000000) { nodes { name } } }", {}, id="1,000,000"),
        pytest.param("{ books(first: 201) { nodes { name } } }", {}, id="one too many"),
        pytest.param("{ books(first: 0) { nodes { name } } }", {}, id="none"),
        pytest.param("{ books(first: 1, last: -5) { nodes { name } } }", {}, id="less than none"),
        pytest.param("query($n: Int) { books(first: $n) { count } }", {"n": 1_000_000}, id="by a variable"),
        pytest.param("query($n: Int) { books(first: $n) { count } }", {"n": 1e300}, id="by a huge number"),
        pytest.param("query($n: Int = 1000000) { books(first: $n) { count } }", {}, id="by a default"),
        pytest.param("{ top(count: 1000000) { name } }", {}, id="of a list that is no connection"),
    ],
)
def test_a_page_too_large_is_refused_before_anything_is_executed(
    document: str, variables: Mapping[str, object]
) -> None:
    with pytest.raises(BadInput, match="must be from 1 to 200") as caught:
        cost_of(document).estimate(variables)
    assert caught.value.field in {"first", "last", "count"}


def test_what_may_cost_too_much_is_refused_with_both_numbers() -> None:
    check_cost(50, Limits(cost=50))
    check_cost(MOST, Limits(cost=0))
    with pytest.raises(CostExceeded, match=r"may cost 51; 50 is allowed") as caught:
        check_cost(51, Limits(cost=50))
    assert caught.value.details == {"limit": "cost", "allowed": 50, "sent": 51}


@pytest.mark.parametrize(
    ("document", "data", "cost"),
    [
        pytest.param(
            "{ books { nodes { name } } }", {"books": {"nodes": [{"name": "a"}] * 3}}, 4 + 3 * 3, id="3 of 20"
        ),
        pytest.param("{ books { nodes { name } } }", {"books": None}, 2, id="a field that failed"),
        pytest.param("{ author { name } }", {"author": None}, 2, id="nobody"),
        pytest.param("{ author { name } }", {"author": {"name": "a"}}, 3, id="somebody"),
        pytest.param("{ __schema { types { name } } }", {"__schema": {"types": []}}, 10_001, id="introspection"),
        pytest.param("{ author { name } }", None, 3, id="no data: nothing is given back"),
        pytest.param(
            "{ top { author { name } } }", {"top": [{"author": None}, None]}, 1 + 5 + 3 + 1, id="nulls in a list"
        ),
    ],
)
def test_the_actual_cost_is_told_from_the_result(document: str, data: dict[str, Any] | None, cost: float) -> None:
    assert cost_of(document).actual({}, data) == cost


_CONDITIONS = st.sampled_from(["", "", "", " @include(if: $yes)", " @skip(if: $no)", " @include(if: $no)"])
_PAGES = st.sampled_from(
    ["", "", "(first: 3)", "(last: 2)", "(first: $many)", "(first: $few)", "(first: 1, last: $none)", "(first: $none)"]
)
_FIELDS: Mapping[str, Mapping[str, tuple[str | None, st.SearchStrategy[str]]]] = {
    "Query": {
        "books": ("BookConnection", _PAGES),
        "top": ("Book", st.sampled_from(["", "(count: 2)", "(count: $few)"])),
        "things": ("Thing", st.sampled_from(["", '(search: "x")', "(search: $text)"])),
        "author": ("Author", st.just("")),
    },
    "BookConnection": {"nodes": ("Book", st.just("")), "count": (None, st.just(""))},
    "Book": {
        "name": (None, st.just("")),
        "blurb": (None, st.just("")),
        "author": ("Author", st.just("")),
        "about": ("Thing", st.just("")),
    },
    "Author": {"name": (None, st.just("")), "books": ("BookConnection", _PAGES), "favourite": ("Thing", st.just(""))},
    "Thing": {"name": (None, st.just(""))},
}


@st.composite
def selections(draw: st.DrawFn, type_name: str, depth: int = 4) -> str:
    """Return a selection set of a type of the library; fields have names of their own, so that all can be merged."""
    parts = ["__typename"]
    for number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["field", "field", "field", "fragment", "copy"]))
        if kind == "field" or depth == 0:
            parts.append(draw(fields(type_name, f"{type_name.lower()}{depth}{number}", depth)))
        elif kind == "fragment":
            inner = draw(st.sampled_from(["Book", "Author"])) if type_name == "Thing" else type_name
            parts.append(f"... on {inner}{draw(_CONDITIONS)} {draw(selections(inner, depth - 1))}")
        else:
            parts.append(parts[-1])
    return "{ " + " ".join(parts) + " }"


@st.composite
def fields(draw: st.DrawFn, type_name: str, alias: str, depth: int) -> str:
    """Return a field of a type of the library."""
    known = _FIELDS[type_name]
    name = draw(st.sampled_from([name for name, (inner, _) in known.items() if depth or not inner] or ["__typename"]))
    inner, arguments = known.get(name, (None, st.just("")))
    below = draw(selections(inner, depth - 1)) if inner else ""
    return f"{alias}{draw(st.uuids()).hex[:6]}: {name}{draw(arguments)}{draw(_CONDITIONS)} {below}"


@settings(max_examples=100, deadline=None)
@given(selections("Query"), st.integers(0, 10**9))
def test_the_estimate_is_never_below_what_an_operation_costs(selected: str, seed: int) -> None:
    document = f"{HEAD} {selected}"
    result, counted = executed(document, VARIABLES, seed)
    assert result.errors is None
    cost = OperationCost(SCHEMA, parse(document), None)
    estimated, actual = cost.estimate(VARIABLES), cost.actual(VARIABLES, result.data)
    assert counted <= estimated
    assert counted <= actual <= estimated
    if "things" not in document and "about" not in document and "favourite" not in document:
        assert actual == counted, "where each type is known, the result tells all that was counted"


def objects_of_ours() -> list[GraphQLObjectType]:
    return [type_ for type_ in OURS.type_map.values() if is_object_type(type_) and not type_.name.startswith("__")]


def test_every_list_of_our_schema_says_how_long_it_is() -> None:
    declared = [list_size_of(field) for type_ in objects_of_ours() for field in type_.fields.values()]
    sized = {name for one in declared if one for name in one.sized_fields or ()}
    silent = [
        f"{type_.name}.{name}"
        for type_ in objects_of_ours()
        for name, field in type_.fields.items()
        if is_list_type(get_nullable_type(field.type)) and not is_leaf_type(get_named_type(field.type))
        if list_size_of(field) is None and not (type_.name.endswith("Connection") and name in sized)
    ]
    assert silent == []


def test_every_connection_of_our_schema_is_paged() -> None:
    connections = [
        field
        for type_ in objects_of_ours()
        for field in type_.fields.values()
        if get_named_type(field.type).name.endswith("Connection")
    ]
    assert len(connections) > 10
    assert all(list_size_of(field) == PAGED and {"first", "last"} <= field.args.keys() for field in connections)


def test_every_mutation_of_ours_costs_more_than_a_field() -> None:
    assert OURS.mutation_type is not None
    assert {weight_of(field) for field in OURS.mutation_type.fields.values()} == {10}


def test_no_interface_of_ours_declares_a_cost_as_the_specification_asks() -> None:
    interfaces: list[GraphQLNamedType] = [
        type_ for type_ in OURS.type_map.values() if isinstance(type_, GraphQLInterfaceType)
    ]
    assert interfaces
    assert all(weight_of(interface) == 1 for interface in interfaces)


def test_nested_connections_of_100_each_may_cost_more_than_is_allowed() -> None:
    inner = "sessions(first: 100) { nodes { events(first: 100) { nodes { id } } } }"
    cost = estimated_cost(OURS, parse(f"{{ contacts(first: 100) {{ nodes {{ {inner} }} }} }}"), None, None)
    assert cost > 1_000_000
    with pytest.raises(CostExceeded):
        check_cost(cost, Limits())
