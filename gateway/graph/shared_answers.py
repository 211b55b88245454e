"""Answers that many subscribers share: a message is executed and written once for each operation, and sent to all.

Those share who ask the same, and may and see the same: with the same permissions, and in the same divisions.

What is told from the message alone is free. For what has to be looked up, whoever is the first to be told pays, as for
a query, and waits while the budget is spent: so a subscription costs no more in a minute than queries may.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson

from gateway.graph.compiled import Answer, compiled
from gateway.graph.context import Context
from gateway.graph.operations import Operations
from gateway.graph.preparing import Prepared

MAX_KEPT = 4_096
"""Answers kept for subscribers that are a little behind; whoever comes later has it made again."""

MAX_COMPILED = 1_024
"""Operations kept compiled."""

RESUME = "after"
"""The argument that only says where to go on: subscribers that differ in nothing else share their answers."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """An operation that is followed. `number` is the same for all who must be given the same answers.

    `compiled` answers a message without the executor, where that is possible.
    """

    prepared: Prepared
    number: int
    compiled: Answer | None


class SharedAnswers:
    """Executes a followed operation on one message, once for all who follow the same.

    `context` is nobody's: what is told from a message alone is the same for all.
    """

    def __init__(self, operations: Operations, context: Context) -> None:
        self._operations = operations
        self._context = context
        self._numbers = count()
        self._kept: OrderedDict[tuple[int, str], bytes | asyncio.Task[bytes]] = OrderedDict()
        self._compiled: OrderedDict[Key, tuple[int, Answer | None]] = OrderedDict()

    def follow(self, prepared: Prepared) -> Followed:
        """Return what is known of an operation before its first message."""
        key = _key(prepared)
        if key not in self._compiled:
            self._compiled[key] = next(self._numbers), self._answer_of(prepared)
            if len(self._compiled) > MAX_COMPILED:
                self._compiled.popitem(last=False)
        return Followed(prepared, *self._compiled[key])

    async def answer(self, followed: Followed, message: Mapping[str, Any]) -> bytes:
        """Return the written result of the operation on this message.

        Raises:
            TimedOut: what has to be looked up for it took too long.
        """
        key = (followed.number, message["key"])
        while (kept := self._kept.get(key)) is None:
            told = _at_once(followed, message, self._context)
            if told is not None:
                self._keep(key, told)
            elif wait := self._operations.afford(followed.prepared):
                await asyncio.sleep(wait)
            else:
                self._keep(key, asyncio.create_task(self._operations.message(followed.prepared, message)))
        if isinstance(kept, bytes):
            return kept
        return kept.result() if kept.done() else await asyncio.shield(kept)

    def _keep(self, key: tuple[int, str], answer: "bytes | asyncio.Task[bytes]") -> None:
        self._kept[key] = answer
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def _answer_of(self, prepared: Prepared) -> Answer | None:
        """Return the compiled operation; one with fields that may not be seen is left to the executor."""
        if prepared.forbidden:
            return None
        return compiled(self._operations.schema, prepared.document, prepared.operation_name, prepared.variables)


def _at_once(followed: Followed, message: Mapping[str, Any], context: Context) -> bytes | None:
    if followed.compiled is None:
        return None
    try:
        return orjson.dumps({"data": followed.compiled(message, context)})
    except Exception:  # noqa: BLE001 - whatever it is: the executor meets it again, and tells it as an error
        return None


def _key(prepared: Prepared) -> Key:
    lasting = {
        name: value for name, value in prepared.variables.items() if name != RESUME or not isinstance(value, str)
    }
    told = orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS)
    viewer = prepared.viewer
    return (prepared.text, prepared.operation_name, told, viewer.permissions, viewer.divisions)
