"""From the start of a server to its end: nothing is lost, and nothing is left running."""

import os
import re
import signal
import socket
from pathlib import Path

import pytest

from gateway.storage.embedded.data_directory import DataDirectory
from tests.running_server import RunningServer, running_server, until

EVENT = {"type": "track", "event": "Video Started", "anonymousId": "visitor-1", "messageId": "message-1"}
COUNT = "{ sessions(first: 5) { nodes { customerId eventCount } } }"
WELCOME = ("Demo shop", "Live list", "GraphiQL", "Write key", "Admin token")


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_second_start_finds_what_the_first_one_stored(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        assert await server.send(EVENT) == [{"messageId": "message-1", "status": "accepted"}]
        first = await server.query(COUNT)
    async with running_server(tmp_path) as server:
        assert await server.query(COUNT) == first
        assert await server.send(EVENT) == [{"messageId": "message-1", "status": "duplicate"}]
    assert first == {"sessions": {"nodes": [{"customerId": "visitor-1", "eventCount": 1}]}}


async def test_keys_that_were_made_at_the_first_start_are_shown_at_the_second(tmp_path: Path) -> None:
    shown = []
    generated = {"JOURNEY_WRITE_KEY": "", "JOURNEY_ADMIN_TOKEN": "", "JOURNEY_DEMO_DIR": tmp_path}
    for _ in range(2):
        async with running_server(tmp_path, generated) as server:
            assert all(f"  {name}" in server.log() for name in WELCOME)
            shown.append(re.findall(r"^  (?:Write key|Admin token) +(\S+)$", server.log(), re.MULTILINE))
    assert len(shown[0]) == 2
    assert shown[0] == shown[1]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: signal.Signals(number).name)
async def test_a_signal_ends_the_server_its_workers_and_mongod(
    tmp_path: Path, number: signal.Signals, workers: int
) -> None:
    async with running_server(tmp_path, {"JOURNEY_WORKERS": workers}) as server:
        await until(lambda: started(server, workers))
        await server.send(EVENT)
        mongod = DataDirectory(tmp_path).mongod_pid()
        assert mongod is not None
        code = server.stop(number)
    assert code == 0
    assert "Traceback" not in server.log()
    assert not [pid for pid in (*server.worker_pids(), mongod) if runs(pid)]
    assert DataDirectory(tmp_path).mongod_pid() is None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(server.url.rpartition(":")[2]))) != 0


async def test_workers_and_mongod_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    async with running_server(tmp_path, {"JOURNEY_WORKERS": 2}) as server:
        await until(lambda: started(server, 2))
        server.process.kill()

        async def nothing_is_left() -> bool:
            return DataDirectory(tmp_path).mongod_pid() is None and not any(map(runs, server.worker_pids()))

        await until(nothing_is_left)


async def started(server: RunningServer, workers: int) -> bool:
    return len(server.worker_pids()) == workers
