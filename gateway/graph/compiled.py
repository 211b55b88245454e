"""Subscriptions compiled to plain functions, for the operations that select nothing but what stands in the message.

Such an operation needs no dataloader and no task, and the executor would do the same for every message.
For anything else, and for any message that does not fit, the executor of graphql-core answers; so errors are its alone.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_operation_ast,
    is_abstract_type,
)
from graphql.execution.values import get_directive_values, get_variable_values

from gateway.graph.context import Context
from gateway.graph.words import Row, Teller, teller_of

Complete = Callable[[Any, Context], Any]
Answer = Callable[[Row, Context], dict[str, Any]]
_AS_THEY_ARE = {"String": str, "ID": str, "Int": int, "Float": float, "Boolean": bool}


class DoesNotFit(Exception):
    """Raised for an operation that cannot be compiled, and for a message that has an error for an answer."""


def compiled(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
) -> Answer | None:
    """Return the function from a message to the answer's `data`, or None when the operation cannot be compiled.

    The function raises whatever it may when a message does not fit.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None or schema.subscription_type is None:
        return None
    coerced = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    if isinstance(coerced, list):
        return None
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    try:
        return _Compiler(schema, fragments, coerced).root(schema.subscription_type, operation.selection_set)
    except DoesNotFit:
        return None


class _Compiler:
    """Compiles the selections of one operation. `variables` is what graphql-core makes of the client's."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Any) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def root(self, type_: GraphQLObjectType, selections: SelectionSetNode) -> Answer:
        """Return the answer of a subscription: its one field is the message itself."""
        ((name, nodes),) = self._collected(type_, [selections]).items()
        complete = self._complete(type_.fields[nodes[0].name.value].type, nodes)
        return lambda message, context: {name: complete(message, context)}

    def _complete(self, type_: GraphQLOutputType, nodes: list[FieldNode]) -> Complete:
        match type_:
            case GraphQLNonNull():
                return _required(self._complete(type_.of_type, nodes))
            case GraphQLList():
                return _listed(self._complete(type_.of_type, nodes))
            case GraphQLObjectType():
                return self._object(type_, nodes)
            case GraphQLScalarType() if type_.name in _AS_THEY_ARE:
                return _as_it_is(_AS_THEY_ARE[type_.name], type_.serialize)
            case GraphQLScalarType() | GraphQLEnumType():
                return _serialized(type_.serialize)
            case _:
                raise DoesNotFit

    def _object(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Complete:
        selections = [node.selection_set for node in nodes if node.selection_set]
        parts: list[tuple[str, Teller, Complete]] = []
        for name, own in self._collected(type_, selections).items():
            if own[0].name.value == "__typename":
                parts.append((name, lambda _row, _context: type_.name, _same))
            else:
                field = type_.fields[own[0].name.value]
                parts.append((name, _teller(field, own[0]), self._complete(field.type, own)))

        def complete(row: Row | None, context: Context) -> dict[str, Any] | None:
            if row is None:
                return None
            return {name: part(tell(row, context), context) for name, tell, part in parts}

        return complete

    def _collected(self, type_: GraphQLObjectType, sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        for selections in sets:
            for node in self._fields(type_, selections):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return found

    def _fields(self, type_: GraphQLObjectType, selections: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, type_):
                    yield from self._fields(type_, node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, type_):
                    yield from self._fields(type_, fragment.selection_set)

    def _included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and (include is None or bool(include["if"]))

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        named = self._schema.get_type(condition)
        return named is type_ or (
            named is not None and is_abstract_type(named) and self._schema.is_sub_type(named, type_)
        )


def _teller(field: GraphQLField, node: FieldNode) -> Teller:
    tell = None if node.arguments else teller_of(field)
    if tell is None:
        raise DoesNotFit
    return tell


def _required(complete: Complete) -> Complete:
    def required(value: Any, context: Context) -> Any:
        done = complete(value, context)
        if done is None:
            raise DoesNotFit
        return done

    return required


def _listed(complete: Complete) -> Complete:
    return lambda values, context: None if values is None else [complete(value, context) for value in values]


def _as_it_is(kind: type, serialize: Callable[[Any], Any]) -> Complete:
    def as_it_is(value: Any, _context: Context) -> Any:
        return value if value is None or type(value) is kind else serialize(value)

    return as_it_is


def _serialized(serialize: Callable[[Any], Any]) -> Complete:
    return lambda value, _context: None if value is None else serialize(value)


def _same(value: Any, _context: Context) -> Any:
    return value
