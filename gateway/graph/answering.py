"""How an operation over a socket is answered: a query or mutation once, a subscription message by message."""

from collections.abc import AsyncIterable, Callable, Mapping
from typing import Any

import orjson
import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationType, get_operation_ast
from graphql.execution import Executor, create_source_event_stream

from gateway.access.tokens import viewer_of
from gateway.access.viewer import Viewer
from gateway.graph.context import Context
from gateway.graph.operations import Operations
from gateway.graph.shared_answers import Followed, SharedAnswers
from gateway.graph.socket import OperationRefused, Tell
from gateway.graph.socket_messages import Operation
from gateway.live.errors import TooSlow
from gateway.storage.database import Database

RESUME = "after"
"""The argument that only says where to go on: subscribers that differ in nothing else share their answers."""


class SocketAnswering:
    """Answers the operations of every socket of this process."""

    def __init__(self, schema: strawberry.Schema, database: Database, make_context: Callable[[], Context]) -> None:
        self._schema = schema
        self._core = schema._schema  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
        self._database = database
        self._make_context = make_context
        self._operations = Operations(self._core)
        self._shared = SharedAnswers(self._core, make_context)

    async def authenticate(self, authorization: str) -> Viewer | None:
        """Return who asks, or None when nobody we know does."""
        return await viewer_of(self._database, authorization)

    async def run(self, operation: Operation, viewer: Viewer, tell: Tell) -> None:
        """Tell each result of the operation, as JSON; return when it is complete.

        Raises:
            OperationRefused: it cannot be executed, or not go on.
            TooSlow: the client does not keep up.
        """
        document = self._operations.read(operation.query)
        if isinstance(document, list):
            raise OperationRefused(document)
        found = get_operation_ast(document, operation.operation_name)
        if found is None:
            raise OperationRefused([GraphQLError(f"There is no operation named {operation.operation_name!r}.")])
        context = self._make_context()
        context.viewer = viewer
        if found.operation is OperationType.SUBSCRIPTION:
            await self._follow(operation, document, context, tell)
        else:
            await tell(await self._answer_once(operation, context))

    async def _answer_once(self, operation: Operation, context: Context) -> bytes:
        result = await self._schema.execute(
            operation.query,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.operation_name,
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return orjson.dumps(answer)

    async def _follow(self, operation: Operation, document: DocumentNode, context: Context, tell: Tell) -> None:
        variables = operation.variables or {}
        key = _key(operation, variables, context.viewer)
        followed = self._shared.followed(document, operation.operation_name, variables, key)
        source = await self._source(followed, context)
        try:
            async for message in source:
                await tell(await self._shared.answer(followed, message))
        except TooSlow:
            raise
        except Exception as error:  # what the resolver raised, refused with its code or masked
            raise OperationRefused([GraphQLError(str(error), original_error=error)]) from error

    async def _source(self, followed: Followed, context: Context) -> AsyncIterable[Mapping[str, Any]]:
        executor = Executor.build(
            self._core, followed.document, None, context, dict(followed.variables), followed.operation_name
        )
        if isinstance(executor, list):
            raise OperationRefused(executor)
        source = create_source_event_stream(executor)
        if not isinstance(source, AsyncIterable | ExecutionResult):
            source = await source
        if isinstance(source, ExecutionResult):
            raise OperationRefused(source.errors or [])
        return source


def _key(operation: Operation, variables: Mapping[str, Any], viewer: Viewer | None) -> tuple[str | None, ...]:
    lasting = {name: value for name, value in variables.items() if name != RESUME or not isinstance(value, str)}
    told = orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS).decode()
    return (operation.query, operation.operation_name, told, viewer.role if viewer else None)
