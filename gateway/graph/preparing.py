"""From what a client sends to an operation that may be executed: the same steps over HTTP and over a socket.

Whatever is refused here is refused before anything is done for it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType

from gateway.access.budget import Budgets
from gateway.access.permissions import Permission
from gateway.access.viewer import Viewer
from gateway.graph.cost import OperationCost, check_cost
from gateway.graph.errors import RateLimited
from gateway.graph.forbidden import ForbiddenFields, demand, refuse_as_a_whole
from gateway.graph.limits import Limits
from gateway.graph.operation import Operation
from gateway.graph.persisted import KnownDocuments
from gateway.graph.valid_document import ValidDocument, ValidDocuments

EVERY_KIND = frozenset(OperationType)


class WrongKind(Exception):
    """Raised for a mutation or subscription where only others are taken."""

    def __init__(self, kind: OperationType) -> None:
        #: What was asked for.
        self.kind = kind
        super().__init__(f"This is a {kind.value}.")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may be executed; where `forbidden` is not empty, without these fields.

    `seconds` is what it may take in the place of the usual ones.
    """

    text: str
    document: DocumentNode
    operation: OperationDefinitionNode
    operation_name: str | None
    variables: dict[str, Any]
    viewer: Viewer
    cost: OperationCost
    estimated_cost: float
    forbidden: ForbiddenFields
    seconds: float | None = None

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.operation.operation


class Preparing:
    """Prepares the operations of one process."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, known: KnownDocuments, budgets: Budgets) -> None:
        self._known = known
        self._documents = ValidDocuments(schema, limits)
        self._limits = limits
        self._budgets = budgets

    def prepare(self, request: Operation, viewer: Viewer, kinds: Collection[OperationType] = EVERY_KIND) -> Prepared:
        """Return the operation, ready to be executed.

        Raises:
            RefusedError: it may not be executed; the kind of error says why.
            WrongKind: it is none of these kinds.
        """
        variables = request.variables or {}
        self._take_turn(viewer)
        text = self._known.text_of(request)
        document = self._documents.read(text)
        operation = document.operation(request.operation_name)
        _refuse_kind(operation, kinds)
        _refuse_introspection(document, viewer)
        forbidden = document.forbidden(request.operation_name, viewer.permissions)
        refuse_as_a_whole(document.document, request.operation_name, forbidden)
        cost = document.cost(request.operation_name)
        estimated = cost.estimate(variables)
        check_cost(estimated, self._limits)
        self._spend(viewer, estimated)
        self._known.keep(request)
        return Prepared(
            text,
            document.document,
            operation,
            request.operation_name,
            variables,
            viewer,
            cost,
            estimated,
            forbidden,
            document.seconds(request.operation_name),
        )

    def afford(self, prepared: Prepared) -> float:
        """Take what an operation may cost once more and return 0.0, or the seconds after which the budget has it."""
        return self._budgets.spend(prepared.viewer.token_id, prepared.estimated_cost)

    def settle(self, prepared: Prepared, data: Mapping[str, Any] | None) -> float:
        """Return what an operation has cost, by the `data` of its result; what it did not cost is given back."""
        actual = prepared.cost.actual(prepared.variables, data)
        self._budgets.settle(prepared.viewer.token_id, prepared.estimated_cost, actual)
        return actual

    def _take_turn(self, viewer: Viewer) -> None:
        wait = self._budgets.ask(viewer.token_id)
        if wait:
            raise rate_limited("This token asks too often", wait)

    def _spend(self, viewer: Viewer, cost: float) -> None:
        wait = self._budgets.spend(viewer.token_id, cost)
        if wait:
            raise rate_limited(f"This operation costs up to {cost:g}, more than this token has left", wait)


def rate_limited(why: str, wait: float) -> RateLimited:
    """Return the error of who has to wait for so many seconds."""
    seconds = ceil(wait)
    return RateLimited(f"{why}: try again in {seconds} s.", seconds)


def _refuse_kind(operation: OperationDefinitionNode, kinds: Collection[OperationType]) -> None:
    if operation.operation not in kinds:
        raise WrongKind(operation.operation)


def _refuse_introspection(document: ValidDocument, viewer: Viewer) -> None:
    if document.introspects:
        demand(viewer, Permission.SCHEMA_INTROSPECT, "__schema")
