"""Answers that many subscribers share: a message is executed and written once for each operation, and sent to all."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLSchema
from graphql.execution import execute

from gateway.graph.context import Context
from gateway.graph.errors import formatted

MAX_KEPT = 4_096
"""Answers kept for subscribers that are a little behind; whoever comes later has it made again."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An operation that is followed. `key` is the same for all who must be given the same answers."""

    document: DocumentNode
    operation_name: str | None
    variables: Mapping[str, Any]
    key: tuple[str | None, ...]


class SharedAnswers:
    """Executes a followed operation on one message, once for all who follow the same."""

    def __init__(self, schema: GraphQLSchema, make_context: Callable[[], Context]) -> None:
        self._schema = schema
        self._make_context = make_context
        self._kept: OrderedDict[tuple[str | None, ...], asyncio.Task[bytes]] = OrderedDict()

    async def answer(self, followed: Followed, message: Mapping[str, Any]) -> bytes:
        """Return the written result of the operation on this message."""
        key = (*followed.key, message["key"])
        task = self._kept.get(key)
        if task is None:
            task = self._kept[key] = asyncio.create_task(self._execute(followed, message))
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return task.result() if task.done() else await asyncio.shield(task)

    async def _execute(self, followed: Followed, message: Mapping[str, Any]) -> bytes:
        result = execute(
            self._schema,
            followed.document,
            root_value=message,
            context_value=self._make_context(),
            variable_values=dict(followed.variables),
            operation_name=followed.operation_name,
        )
        return written(result if isinstance(result, ExecutionResult) else await result)


def written(result: ExecutionResult) -> bytes:
    """Return a result as JSON, its errors as clients may see them."""
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    return orjson.dumps(answer)
