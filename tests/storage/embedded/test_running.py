import asyncio

import pytest

from gateway.storage.embedded.running import running


async def test_work_ends_with_the_block() -> None:
    async with running(asyncio.sleep(3600)) as task:
        assert not task.done()
    assert task.cancelled()


async def test_work_that_has_ended_keeps_its_result() -> None:
    async with running(asyncio.sleep(0, "result")) as task:
        assert await task == "result"
    assert task.result() == "result"


async def test_work_that_overhears_a_cancellation_ends_all_the_same() -> None:
    async def overhear_once() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)

    async with running(overhear_once()) as task:
        await asyncio.sleep(0)
    assert task.cancelled()


async def test_an_error_of_the_block_ends_the_work_too() -> None:
    with pytest.raises(LookupError):
        async with running(asyncio.sleep(3600)) as task:
            raise LookupError
    assert task.cancelled()
