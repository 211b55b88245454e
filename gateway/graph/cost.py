"""What an operation costs: at most, before it is executed, and in fact, told from its result.

    cost = OperationCost(schema, document, operation_name)   # once for each valid document and operation name: keep it
    estimated = cost.estimate(variables)                     # for each request, before executing
    check_cost(estimated, limits)
    actual = cost.actual(variables, result.data)             # afterwards

The cost is the field cost and the type cost of IBM's specification together: each field that is asked for of an object
counts its weight and those of its arguments, and each object that comes counts the weight of its type. What is merged
in execution counts once. Where an interface is returned, the costliest of its types counts.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLSchema,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    get_operation_ast,
)

from gateway.graph.cost_plan import Kind, Planner, literal
from gateway.graph.errors import CostExceeded
from gateway.graph.limits import Limits
from gateway.graph.selections import fragments_of

MAX_PLANS = 32
"""Plans that are kept of one operation: one for each set of page sizes and of switches that clients send."""
MOST = 2**53
"""Estimates are cut off here: what pages of pages of pages may come to, no number of JSON can hold."""


class OperationCost:
    """The cost of one operation of a valid document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> None:
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            raise LookupError(f"There is no operation named {operation_name!r}.")
        self._schema = schema
        self._operation = operation
        self._fragments = fragments_of(document)
        self._defaults = _numbers_and_switches(operation)
        self._plans: dict[tuple[object, ...], Kind] = {}

    def estimate(self, variables: Mapping[str, object] | None) -> float:
        """Return what the operation costs at most, as far as lists are no longer than the schema says.

        Raises:
            BadInput: a page is larger than one may be.
        """
        return min(self._plan(variables).cost, MOST)

    def actual(self, variables: Mapping[str, object] | None, data: Mapping[str, object] | None) -> float:
        """Return what the operation has cost, by the `data` of its result; without any, what it costs at most."""
        plan = self._plan(variables)
        return min(plan.cost, MOST) if data is None else _actual_of_object(plan, data)

    def _plan(self, variables: Mapping[str, object] | None) -> Kind:
        sent = variables or {}
        values = {name: _plain(sent.get(name, default)) for name, default in self._defaults.items()}
        key = tuple(values.values())
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            plan = self._plans[key] = Planner(self._schema, self._fragments, values).operation(self._operation)
        return plan


def estimated_cost(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: Mapping[str, object] | None
) -> float:
    """Return what an operation costs at most; see `OperationCost`, which is to be kept where it is asked again."""
    return OperationCost(schema, document, operation_name).estimate(variables)


def check_cost(estimated: float, limits: Limits) -> None:
    """Refuse an operation that may cost too much.

    Raises:
        CostExceeded: it may.
    """
    if estimated > limits.cost > 0:
        told = f"The operation may cost {estimated:.15g}; {limits.cost} is allowed: ask for fewer rows or fields."
        raise CostExceeded(told, limit="cost", allowed=limits.cost, sent=estimated)


def _actual_of_object(kind: Kind, value: Mapping[str, Any]) -> float:
    cost = kind.weight
    for call in kind.calls:
        if call.name in value:
            cost += call.weight
            inner = value[call.name]
            if inner is not None and call.kinds:
                cost += _actual_of_value(call.kinds, inner)
    return cost


def _actual_of_value(kinds: tuple[Kind, ...], value: Any) -> float:
    if isinstance(value, list):
        there = [item for item in value if item is not None]
        if len(kinds) == 1 and not kinds[0].calls:
            return len(there) * kinds[0].weight
        return sum([_actual_of_value(kinds, item) for item in there])
    if len(kinds) == 1:
        return _actual_of_object(kinds[0], value) if kinds[0].calls else kinds[0].weight
    # of an interface, the result need not tell which of its types it is: the costliest that it can be
    return max(_actual_of_object(kind, value) if kind.calls else kind.weight for kind in kinds)


def _numbers_and_switches(operation: OperationDefinitionNode) -> Mapping[str, object]:
    """Return the variables that can decide about the cost, with their defaults."""
    return {
        definition.variable.name.value: literal(definition.default_value)
        for definition in operation.variable_definitions or ()
        if _type_name(definition.type) in {"Int", "Boolean"}
    }


def _type_name(type_: object) -> str | None:
    inner = type_.type if isinstance(type_, NonNullTypeNode) else type_
    return inner.name.value if isinstance(inner, NamedTypeNode) else None


def _plain(value: object) -> object:
    """Return a value as GraphQL understands it for Int and Boolean; 20.0 is 20, and what is neither is nothing."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return max(-_FAR, min(value, _FAR)) if isinstance(value, int) else None


_FAR = 2**63
"""Far beyond any Int, and yet written in no time."""
