"""How a prepared operation is executed: within a time, with what may not be seen left out, and told as JSON."""

import asyncio
from collections.abc import AsyncIterable, Mapping
from inspect import isawaitable
from typing import Any, TypeGuard

import orjson
from graphql import ExecutionResult, GraphQLSchema
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable

from gateway.graph.context import Context
from gateway.graph.errors import BadDocument, TimedOut, formatted
from gateway.graph.forbidden import guard_of
from gateway.graph.preparing import Prepared
from gateway.storage.time_limit import at_most

GRACE_SECONDS = 0.25
"""MongoDB may take so much longer than we wait: so it is always we who tell that an operation timed out."""
MAX_COERCION_ERRORS = 10
"""Mistakes in variables that are told."""


class Executing:
    """Executes queries, mutations, and subscriptions on one message; 0 seconds are no limit."""

    def __init__(self, schema: GraphQLSchema, seconds: float) -> None:
        self._schema = schema
        self._seconds = seconds or None

    async def result_of(
        self, prepared: Prepared, context: Context, message: Mapping[str, Any] | None = None
    ) -> ExecutionResult:
        """Return the result, in which errors of resolvers stand unmasked; of a subscription that of a message.

        Raises:
            BadDocument: the variables are not those of the operation.
            TimedOut: it took too long; MongoDB does not go on with it either.
        """
        executor = self._executor(prepared, context, message)
        seconds = self._seconds and max(self._seconds, prepared.seconds or 0)
        try:
            with at_most(seconds and seconds + GRACE_SECONDS):
                async with asyncio.timeout(seconds):
                    result = executor.execute_operation()
                    return await result if isawaitable(result) else result  # type: ignore[return-value]  # not in parts
        except TimeoutError:
            told = f"The operation took longer than {seconds:g} s and was ended: ask for less at a time."
            raise TimedOut(told) from None

    def _executor(self, prepared: Prepared, context: Context, message: Mapping[str, Any] | None) -> Executor[Any]:
        executor = Executor.build(
            self._schema,
            prepared.document,
            root_value=message,
            context_value=context,
            raw_variable_values=prepared.variables,
            operation_name=prepared.operation_name,
            max_coercion_errors=MAX_COERCION_ERRORS,
            middleware=guard_of(prepared.forbidden),
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # typed as a plain predicate
            is_async_iterable=_is_never_async_iterable,
            hide_suggestions=True,
        )
        if isinstance(executor, list):
            raise BadDocument(executor)
        return executor


def _is_never_async_iterable(_value: object) -> TypeGuard[AsyncIterable[object]]:
    """Spare the question for each list: resolvers of queries and mutations return rows that are read already."""
    return False


def written(result: ExecutionResult, extensions: Mapping[str, Any] | None = None) -> bytes:
    """Return a result as JSON, its errors as clients may see them."""
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    if extensions:
        answer["extensions"] = extensions
    return orjson.dumps(answer)
