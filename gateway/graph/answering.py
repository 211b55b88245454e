"""How an operation over a socket is answered: a query or mutation once, a subscription message by message."""

from collections.abc import AsyncIterable, Callable, Mapping
from typing import Any

from graphql import ExecutionResult, OperationType
from graphql.execution import Executor, create_source_event_stream

from gateway.access.authentication import Authenticator
from gateway.access.budget import Budgets
from gateway.access.viewer import Viewer
from gateway.graph.context import Context
from gateway.graph.errors import as_graphql_errors
from gateway.graph.operation import Operation
from gateway.graph.operations import Operations
from gateway.graph.preparing import Prepared, rate_limited
from gateway.graph.shared_answers import SharedAnswers
from gateway.graph.socket import HungUp, OperationRefused, Tell
from gateway.live.errors import TooSlow


class SocketAnswering:
    """Answers the operations of every socket of this process."""

    def __init__(
        self,
        operations: Operations,
        authenticator: Authenticator,
        budgets: Budgets,
        make_context: Callable[[], Context],
    ) -> None:
        self._operations = operations
        self._authenticator = authenticator
        self._budgets = budgets
        self._shared = SharedAnswers(operations, make_context())

    async def authenticate(self, authorization: str, address: str | None) -> Viewer | None:
        """Return who asks, or None when nobody we know does.

        Raises:
            RateLimited: too much comes from this address.
        """
        wait = self._budgets.knock(address)
        if wait:
            raise rate_limited("Too many requests come from your address", wait)
        viewer = await self._authenticator.viewer_of(authorization)
        if viewer is None:
            self._budgets.failed(address)
        return viewer

    async def run(self, operation: Operation, viewer: Viewer, tell: Tell) -> None:
        """Tell each result of the operation, as JSON; return when it is complete.

        Raises:
            OperationRefused: it cannot be executed, or not go on.
            TooSlow: the client does not keep up.
        """
        try:
            prepared = self._operations.prepare(operation, viewer)
            if prepared.kind is OperationType.SUBSCRIPTION:
                await self._follow(prepared, tell)
            else:
                await tell(await self._operations.answer(prepared))
        except (OperationRefused, TooSlow, HungUp):
            raise
        except Exception as error:  # refused with its code, or masked
            raise OperationRefused(as_graphql_errors(error)) from error

    async def _follow(self, prepared: Prepared, tell: Tell) -> None:
        followed = self._shared.follow(prepared)
        async for message in await self._source(prepared):
            await tell(await self._shared.answer(followed, message))

    async def _source(self, prepared: Prepared) -> AsyncIterable[Mapping[str, Any]]:
        executor = Executor.build(
            self._operations.schema,
            prepared.document,
            context_value=self._operations.context_of(prepared),
            raw_variable_values=prepared.variables,
            operation_name=prepared.operation_name,
            hide_suggestions=True,
        )
        if isinstance(executor, list):
            raise OperationRefused(executor)
        source = create_source_event_stream(executor)
        if not isinstance(source, AsyncIterable | ExecutionResult):
            source = await source
        if isinstance(source, ExecutionResult):
            raise OperationRefused(source.errors or [])
        return source
