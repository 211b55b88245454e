"""Ending tasks that may wait for MongoDB."""

import asyncio
from typing import Any

AGAIN_SECONDS = 0.1


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait for their end; what they raise is dropped.

    Python 3.11 can lose a cancellation inside `asyncio.wait_for`, which the driver uses for every answer
    (https://github.com/python/cpython/issues/86296): so it is said again until it is heard.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
