"""Work that runs beside a block of code, and never longer."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

Result = TypeVar("Result")


@asynccontextmanager
async def running(work: Coroutine[None, None, Result]) -> AsyncIterator[asyncio.Task[Result]]:
    """Run the coroutine beside the block, and cancel it at the end of the block until it has ended."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        # Once is not enough: wait_for of Python 3.11, in which the driver waits, loses a cancellation that meets a
        # result (https://github.com/python/cpython/issues/86296)
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=1)
