"""Operations of viewers, from what they send to what they are told; how it travels is no matter."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, OperationType

from gateway.access.viewer import Viewer
from gateway.graph.context import Context
from gateway.graph.executing import Executing, written
from gateway.graph.operation import Operation
from gateway.graph.preparing import EVERY_KIND, Prepared, Preparing


class Operations:
    """Prepares operations, and answers queries, mutations, and subscriptions on one message."""

    def __init__(
        self, schema: GraphQLSchema, preparing: Preparing, seconds: float, make_context: Callable[[], Context]
    ) -> None:
        #: What operations are about.
        self.schema = schema
        self._preparing = preparing
        self._executing = Executing(schema, seconds)
        self._make_context = make_context

    def prepare(self, request: Operation, viewer: Viewer, kinds: Collection[OperationType] = EVERY_KIND) -> Prepared:
        """Return an operation that may be executed; see `Preparing.prepare`."""
        return self._preparing.prepare(request, viewer, kinds)

    def afford(self, prepared: Prepared) -> float:
        """Take what one message of a subscription may cost and return 0.0, or the seconds after which it is there."""
        return self._preparing.afford(prepared)

    def context_of(self, prepared: Prepared) -> Context:
        """Return what the resolvers of an operation share."""
        context = self._make_context()
        context.viewer = prepared.viewer
        return context

    async def answer(self, prepared: Prepared) -> bytes:
        """Return the result of a query or mutation as JSON; queries are told what they cost.

        Raises:
            BadDocument: the variables are not those of the operation.
            TimedOut: it took too long.
        """
        result = await self._executing.result_of(prepared, self.context_of(prepared))
        return written(result, self._extensions(prepared, result))

    async def message(self, prepared: Prepared, message: Mapping[str, Any]) -> bytes:
        """Return the result of a subscription on one message, which was afforded, as JSON.

        Raises:
            TimedOut: it took too long.
        """
        result = await self._executing.result_of(prepared, self.context_of(prepared), message)
        self._preparing.settle(prepared, result.data)
        return written(result)

    def _extensions(self, prepared: Prepared, result: ExecutionResult) -> dict[str, object] | None:
        actual = self._preparing.settle(prepared, result.data)
        if prepared.kind is not OperationType.QUERY:
            return None
        return {"cost": {"estimated": prepared.estimated_cost, "actual": actual}}
