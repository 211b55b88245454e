"""Answers that many subscribers share: a message is executed and written once for each operation, and sent to all."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLSchema
from graphql.execution import execute

from gateway.graph.compiled import Answer, compiled
from gateway.graph.context import Context
from gateway.graph.errors import formatted

MAX_KEPT = 4_096
"""Answers kept for subscribers that are a little behind; whoever comes later has it made again."""

MAX_COMPILED = 1_024
"""Operations kept compiled."""

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """An operation that is followed. `key` is the same for all who must be given the same answers.

    `compiled` answers a message without the executor, where that is possible.
    """

    document: DocumentNode
    operation_name: str | None
    variables: Mapping[str, Any]
    key: Key
    compiled: Answer | None


class SharedAnswers:
    """Executes a followed operation on one message, once for all who follow the same."""

    def __init__(self, schema: GraphQLSchema, make_context: Callable[[], Context]) -> None:
        self._schema = schema
        self._make_context = make_context
        self._context = make_context()
        self._kept: OrderedDict[Key, bytes | asyncio.Task[bytes]] = OrderedDict()
        self._compiled: OrderedDict[Key, Answer | None] = OrderedDict()

    def followed(
        self, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any], key: Key
    ) -> Followed:
        """Return what is known of an operation before its first message."""
        if key not in self._compiled:
            self._compiled[key] = compiled(self._schema, document, operation_name, variables)
            if len(self._compiled) > MAX_COMPILED:
                self._compiled.popitem(last=False)
        return Followed(document, operation_name, variables, key, self._compiled[key])

    async def answer(self, followed: Followed, message: Mapping[str, Any]) -> bytes:
        """Return the written result of the operation on this message."""
        key = (*followed.key, message["key"])
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = _at_once(followed, message, self._context) or asyncio.create_task(
                self._execute(followed, message)
            )
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        if isinstance(kept, bytes):
            return kept
        return kept.result() if kept.done() else await asyncio.shield(kept)

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


def _at_once(followed: Followed, message: Mapping[str, Any], context: Context) -> bytes | None:
    if followed.compiled is None:
        return None
    try:
        return orjson.dumps({"data": followed.compiled(message, context)})
    except Exception:  # noqa: BLE001 - whatever it is: the executor meets it again, and tells it as an error
        return None
