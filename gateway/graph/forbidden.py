"""Which fields of an operation somebody may not see, worked out from the document alone, before it is executed.

Where nothing is forbidden nothing is checked while executing. Where something is, those fields are refused and become
null; a mutation, and a subscription that may not be followed, are refused before anything is done.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_operation_ast,
    is_abstract_type,
    is_object_type,
)
from graphql.execution import MiddlewareManager
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from gateway.access.permissions import Permission
from gateway.access.viewer import Viewer
from gateway.graph.errors import Forbidden
from gateway.graph.requires import Place, permission_declared_by, requirements

ForbiddenFields = Mapping[Place, Permission]
"""Fields that somebody may not see, each with a permission that is missing."""

_Types = tuple[GraphQLObjectType, ...]


def forbidden_fields(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, permissions: AbstractSet[str]
) -> ForbiddenFields:
    """Return which fields of a valid operation need a permission that is not among these.

    What @skip and @include leave out counts as well: the variables are not known here.

    Raises:
        Undeclared: a field of the schema does not say what it needs; so nobody sees it by mistake.
    """
    needed = requirements(schema)
    operation = get_operation_ast(document, operation_name)
    if operation is None or permissions >= _EVERYTHING:
        return {}
    missing = ((place, _missing(needed[place], permissions)) for place in _places(schema, document, operation))
    return {place: permission for place, permission in missing if permission}


def refuse_as_a_whole(document: DocumentNode, operation_name: str | None, forbidden: ForbiddenFields) -> None:
    """Refuse a mutation that may not be made, or whose payload may not be seen; and a subscription alike.

    Of a subscription that may be followed, fields that may not be seen are null in each message, as in a query.

    Raises:
        Forbidden: with the first permission that is missing.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return
    for place, permission in forbidden.items():
        if operation.operation is OperationType.MUTATION or place[0] == "Subscription":
            raise refusal(f"{place[0]}.{place[1]}", permission)


def guard_of(forbidden: ForbiddenFields) -> MiddlewareManager | None:
    """Return the middleware that refuses these fields; none where there are none."""
    if not forbidden:
        return None

    def guard(resolve: Callable[..., Any], root: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        permission = forbidden.get((info.parent_type.name, info.field_name))
        if permission is not None:
            raise refusal(f"{info.parent_type.name}.{info.field_name}", permission)
        return resolve(root, info, **arguments)

    return MiddlewareManager(guard)


def demand(viewer: Viewer | None, permission: Permission, what: str) -> None:
    """Refuse what needs this permission to who does not have it: for what only the values of arguments tell.

    Raises:
        Forbidden: with the permission.
    """
    if viewer is None or not viewer.may(permission):
        raise refusal(what, permission)


def demand_of_input(viewer: Viewer | None, given: object) -> None:
    """Refuse an input, of which None is none, that uses a field whose permission somebody does not have.

    A flag that is false is as good as left out.

    Raises:
        Forbidden: with the permission.
    """
    definition = getattr(given, "__strawberry_definition__", None)
    if definition is None:
        return
    for field in definition.fields:
        permission = permission_declared_by(field)
        if permission is not None and getattr(given, field.python_name) not in _UNUSED:
            demand(viewer, permission, f"{definition.name}.{to_camel_case(field.python_name)}")


def refusal(what: str, permission: Permission) -> Forbidden:
    """Return the error that names what is refused, and which permission is missing."""
    return Forbidden(f"`{what}` needs the permission {permission.value}, which you do not have.", permission.value)


_EVERYTHING = frozenset(Permission)
_UNUSED = (None, UNSET, False)


def _missing(needed: tuple[Permission, ...], permissions: AbstractSet[str]) -> Permission | None:
    return next((permission for permission in needed if permission not in permissions), None)


def _places(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Iterator[Place]:
    """Yield the fields of an operation, by every type that their parent may be of; those of the root come first."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    seen: set[tuple[str, _Types]] = set()
    pending: list[tuple[_Types, SelectionSetNode]] = [
        (_possible(schema, schema.get_root_type(operation.operation)), operation.selection_set)
    ]
    while pending:
        types, selections = pending.pop()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                name = node.name.value
                if name.startswith("__"):  # introspection, which has a permission of its own
                    continue
                yield from ((type_.name, name) for type_ in types)
                if node.selection_set:
                    pending.append((_returned(schema, types, name), node.selection_set))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                narrowed = _narrowed(schema, types, condition.name.value) if condition else types
                pending.append((narrowed, node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                fragment = fragments[node.name.value]
                narrowed = _narrowed(schema, types, fragment.type_condition.name.value)
                if (node.name.value, narrowed) not in seen:
                    seen.add((node.name.value, narrowed))
                    pending.append((narrowed, fragment.selection_set))


def _possible(schema: GraphQLSchema, type_: GraphQLNamedType | None) -> _Types:
    if type_ is not None and is_abstract_type(type_):
        return tuple(schema.get_possible_types(type_))
    return (type_,) if is_object_type(type_) else ()


def _narrowed(schema: GraphQLSchema, types: _Types, condition: str) -> _Types:
    wanted = _possible(schema, schema.type_map[condition])
    return tuple(type_ for type_ in types if type_ in wanted)


def _returned(schema: GraphQLSchema, types: _Types, name: str) -> _Types:
    returned = dict.fromkeys(get_named_type(type_.fields[name].type) for type_ in types)
    return tuple(one for type_ in returned for one in _possible(schema, type_))
