"""Every field of the schema, what it needs, and a document that asks for it: all told by the schema as it is printed.

Nothing of the product's own reading of its permissions is used here, so that it can be held against it.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from graphql import (
    ConstDirectiveNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    StringValueNode,
    build_schema,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from gateway.graph.schema import make_schema

SCHEMA: GraphQLSchema = build_schema(make_schema().as_str())
Step = tuple[str, str]
"""The name of a type, and that of one of its fields."""
Path = tuple[Step, ...]
Arguments = Mapping[Step, Mapping[str, str]]
"""What is given as arguments, as it stands in a document; required ones that are missing are made up."""

_OF_SCALARS = {"ID": '"x"', "String": '"x"', "Int": "1", "Float": "1", "Boolean": "false", "JSON": "{}"}


def object_types() -> Iterator[GraphQLObjectType]:
    """Yield the object types that are not those of introspection."""
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield type_


def declaration(element: GraphQLField | GraphQLNamedType | GraphQLArgument | GraphQLInputField) -> str | None:
    """Return the permission that stands beside an element; "" if it is public, None if it says nothing."""
    for directive in getattr(element.ast_node, "directives", None) or ():
        if directive.name.value == "public":
            return ""
        if directive.name.value == "requires":
            return _permission(directive)
    return None


def needed(type_: GraphQLObjectType, name: str) -> set[str]:
    """Return the permissions that a field needs: its own, or its type's; and that of what it leads to."""
    field = type_.fields[name]
    own = declaration(field)
    led_to = declaration(_behind(field))
    return {permission for permission in (declaration(type_) if own is None else own, led_to) if permission}


def paths(root: str, may: AbstractSet[str] | None = None) -> dict[str, Path]:
    """Return the shortest way from a root to each type, of those that lead only through what `may` opens."""
    found: dict[str, Path] = {root: ()}
    waiting = [root]
    for parent in waiting:
        type_ = SCHEMA.type_map[parent]
        assert isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items():
            named = get_named_type(field.type)
            is_open = may is None or needed(type_, name) <= may
            if isinstance(named, GraphQLObjectType) and named.name not in found and is_open:
                found[named.name] = (*found[parent], (parent, name))
                waiting.append(named.name)
    return found


def document(operation: str, path: Path, arguments: Arguments) -> str:
    """Return the document that asks for the last field of a path."""
    *_, (parent, name) = path
    text = " { __typename }" if is_composite_type(get_named_type(field_of(parent, name).type)) else ""
    for step in reversed(path):
        text = f" {{ {step[1]}{_given(step, arguments)}{text} }}"
    return operation + text


def reached(data: Any, path: Path) -> list[Any]:
    """Return the values at a path of an answer, and None where it ends before."""
    values = [data]
    for _, name in path:
        values = [None if value is None else value[name] for value in values]
        values = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return values


def is_nullable(type_: GraphQLObjectType, name: str) -> bool:
    """Tell whether a field may be null."""
    return not isinstance(type_.fields[name].type, GraphQLNonNull)


def field_of(parent: str, name: str) -> GraphQLField:
    """Return a field, by the names of its type and of itself."""
    type_ = SCHEMA.type_map[parent]
    assert isinstance(type_, GraphQLObjectType)
    field: GraphQLField = type_.fields[name]
    return field


def _permission(directive: ConstDirectiveNode) -> str:
    (argument,) = directive.arguments or ()
    assert isinstance(argument.value, StringValueNode)
    return argument.value.value


def _behind(field: GraphQLField) -> GraphQLNamedType:
    named = get_named_type(field.type)
    nodes = getattr(named, "fields", {}).get("nodes")
    return get_named_type(nodes.type) if nodes else named


def _given(step: Step, arguments: Arguments) -> str:
    given = arguments.get(step, {})
    made_up = {
        name: made_up_value(argument.type)
        for name, argument in field_of(*step).args.items()
        if name not in given and is_required_argument(argument)
    }
    told = ", ".join(f"{name}: {value}" for name, value in {**made_up, **given}.items())
    return f"({told})" if told else ""


def made_up_value(type_: GraphQLInputType) -> str:
    """Return a value that fits a type, as it stands in a document; of an input only what is required."""
    match type_:
        case GraphQLNonNull():
            return made_up_value(type_.of_type)
        case GraphQLList():
            return f"[{made_up_value(type_.of_type)}]"
        case GraphQLEnumType():
            return str(next(iter(type_.values)))
        case GraphQLInputObjectType():
            required = {name: field.type for name, field in type_.fields.items() if is_required_input_field(field)}
            return "{" + ", ".join(f"{name}: {made_up_value(kind)}" for name, kind in required.items()) + "}"
        case GraphQLScalarType():
            return _OF_SCALARS.get(type_.name, '"2026-05-01T12:00:00Z"')
