"""Answers in one write: what is written in one turn of the event loop leaves together, in order, and before the end."""

import asyncio
from typing import cast

from gateway.cli.one_write import GatheringTransport


class Wire:
    """The far end of a transport: what was written, write by write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


async def test_what_is_written_in_one_turn_leaves_together_and_the_next_after_it() -> None:
    wire = Wire()
    transport = GatheringTransport(cast("asyncio.Transport", wire))
    transport.write(b"head ")
    transport.write(b"body")
    assert wire.writes == []
    await asyncio.sleep(0)
    transport.write(b"next")
    await asyncio.sleep(0)
    assert wire.writes == [b"head body", b"next"]


async def test_what_was_written_leaves_before_the_connection_closes() -> None:
    wire = Wire()
    transport = GatheringTransport(cast("asyncio.Transport", wire))
    transport.write(b"last words")
    transport.close()
    await asyncio.sleep(0)
    assert (wire.writes, wire.closed) == ([b"last words"], True)
    assert transport.get_extra_info("peer") == "the peer"
