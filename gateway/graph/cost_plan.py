"""The plan of an operation's cost: which fields it calls, how many objects come of each, and what each costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_object_type,
)

from gateway.graph.cost_directives import UNKNOWN_SIZE, ListSize, list_size_of, weight_of
from gateway.graph.errors import BadInput
from gateway.graph.selections import Fragments, grouped, selected, within
from gateway.graph.windows import MAX_PAGE

INTROSPECTION: Mapping[str, float] = {"__schema": 10_000, "__type": 100}
"""What it costs to tell the schema, which the specification leaves open: as the 0.3 s that clients' usual query takes
here, in which nothing else is answered, compare with rows of MongoDB. graphql-core's rule limits how deep it goes."""


@dataclass(frozen=True, slots=True)
class Call:
    """A field as it is asked for: what each call of it costs, how many objects come of it, and of which types."""

    name: str
    weight: float
    size: int
    kinds: tuple["Kind", ...]

    @property
    def cost(self) -> float:
        """What it costs at most, with all that is selected of its objects."""
        return self.weight + self.size * max((kind.cost for kind in self.kinds), default=0)


@dataclass(frozen=True, slots=True)
class Kind:
    """An object of one type: its own weight, and the calls of those of its fields that cost anything."""

    weight: float
    calls: tuple[Call, ...]
    cost: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost", self.weight + sum(call.cost for call in self.calls))


class Planner:
    """Plans what an operation calls, with these values of its variables; what fragments share is planned once."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, variables: Mapping[str, object]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._planned: dict[tuple[object, ...], Kind] = {}

    def operation(self, node: OperationDefinitionNode) -> Kind:
        """Plan the root."""
        root = self._schema.get_root_type(node.operation)
        return self._kind(root, [node.selection_set], {}) if root else Kind(0, ())

    def _kind(self, type_: GraphQLObjectType, sets: list[SelectionSetNode], sizes: Mapping[str, int]) -> Kind:
        key = (type_.name, *sizes.items(), *map(id, sets))
        found = self._planned.get(key)
        if found is None:
            groups = grouped(selected(sets, self._fragments, self._enters(type_)))
            calls = (self._call(type_, name, nodes, sizes) for name, nodes in groups.items())
            found = self._planned[key] = Kind(weight_of(type_), tuple(call for call in calls if call and call.cost))
        return found

    def _call(
        self, type_: GraphQLObjectType, name: str, nodes: list[FieldNode], sizes: Mapping[str, int]
    ) -> Call | None:
        node = nodes[0]  # the others have the same arguments, or the document is not valid
        called = type_.fields.get(node.name.value)
        if called is None:
            return Call(name, INTROSPECTION.get(node.name.value, 0), 1, ())
        list_size = list_size_of(called)
        count = self._count(called, node, list_size) if list_size else UNKNOWN_SIZE
        sized = list_size.sized_fields if list_size else None
        own = sizes.get(node.name.value, UNKNOWN_SIZE if sized else count)
        inner = dict.fromkeys(sized, count) if sized else {}
        is_list = is_list_type(get_nullable_type(called.type))
        named = get_named_type(called.type)
        kinds = tuple(self._kind(kind, within(nodes), inner) for kind in self._objects(named)) or _leaf(named)
        return Call(name, _weight_of_call(called, node), own if is_list else 1, kinds)

    def _objects(self, type_: GraphQLNamedType) -> tuple[GraphQLObjectType, ...]:
        if is_abstract_type(type_):
            return tuple(self._schema.get_possible_types(type_))
        return (type_,) if is_object_type(type_) else ()

    def _count(self, called: GraphQLField, node: FieldNode, list_size: ListSize) -> int:
        """Return how many objects come of a list, by its slicing arguments or by what is assumed."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        asked: list[int] = []
        for name in list_size.slicing_arguments or ():
            value = self._value(given[name]) if name in given else called.args[name].default_value
            if isinstance(value, int):
                _check_page(name, value)
                asked.append(value)
        return max(asked) if asked else list_size.assumed_size or UNKNOWN_SIZE

    def _enters(self, type_: GraphQLObjectType) -> Callable[[SelectionNode, FragmentDefinitionNode | None], bool]:
        def enters(node: SelectionNode, fragment: FragmentDefinitionNode | None) -> bool:
            if node.directives and not self._is_included(node):
                return False
            if isinstance(node, InlineFragmentNode):
                return node.type_condition is None or self._applies(node.type_condition, type_)
            if isinstance(node, FragmentSpreadNode):
                return fragment is not None and self._applies(fragment.type_condition, type_)
            return True

        return enters

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            switch = next((self._value(one.value) for one in directive.arguments or () if one.name.value == "if"), None)
            if switch is _SKIPPED_IF.get(directive.name.value, _NEVER):
                return False
        return True

    def _applies(self, condition: NamedTypeNode, type_: GraphQLObjectType) -> bool:
        named = self._schema.get_type(condition.name.value)
        return named is type_ or (is_abstract_type(named) and self._schema.is_sub_type(named, type_))

    def _value(self, node: ValueNode) -> object:
        return self._variables.get(node.name.value) if isinstance(node, VariableNode) else literal(node)


def literal(node: ValueNode | None) -> object:
    """Return a number or a switch as the document writes it; anything else is None."""
    if isinstance(node, IntValueNode):
        return int(node.value)
    return node.value if isinstance(node, BooleanValueNode) else None


def _weight_of_call(called: GraphQLField, node: FieldNode) -> float:
    given = (called.args.get(argument.name.value) for argument in node.arguments or ())
    return max(0, weight_of(called) + sum(weight_of(argument) for argument in given if argument))


def _leaf(type_: GraphQLNamedType) -> tuple[Kind, ...]:
    weight = weight_of(type_)
    return (Kind(weight, ()),) if weight else ()


def _check_page(name: str, value: int) -> None:
    if not 1 <= value <= MAX_PAGE:
        raise BadInput(f"`{name}` is {value}, but must be from 1 to {MAX_PAGE}.", field=name)


_SKIPPED_IF: Mapping[str, object] = {"skip": True, "include": False}
_NEVER = object()
