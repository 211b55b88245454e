"""A start that cannot succeed ends at once with one line that says what to do."""

import socket
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from gateway.storage.embedded.mongod_binary import find_mongod
from gateway.storage.embedded.mongod_process import MongodProcess
from tests.running_server import free_port, run_command, running_server, until


def refusal(settings: Mapping[str, object]) -> str:
    """Return the one line in which `journey-gateway serve` says why it does not start."""
    ended = run_command("serve", settings={"JOURNEY_PORT": free_port(), **settings})
    return the_line(ended)


def the_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 1
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("journey-gateway: ")
    return lines[0]


@pytest.fixture
async def standalone_mongod(tmp_path: Path) -> AsyncIterator[int]:
    """The port of a mongod that nobody has made a replica set."""
    port = free_port()
    options = ("--dbpath", str(tmp_path), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket")
    mongod = await MongodProcess.start((str(find_mongod()), *options), tmp_path / "mongod.log")
    await until(lambda: listens(port))
    yield port
    await mongod.stop()


async def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refusal({"JOURNEY_DATA_DIR": tmp_path, "JOURNEY_PORT": port})
    assert f"Port {port} of 127.0.0.1" in line
    assert "choose another with JOURNEY_PORT" in line


async def test_a_data_directory_that_another_server_uses(tmp_path: Path) -> None:
    async with running_server(tmp_path) as server:
        line = refusal({"JOURNEY_DATA_DIR": tmp_path})
    assert f"{tmp_path}/mongodb is in use by process {server.process.pid}" in line
    assert "set JOURNEY_DATA_DIR" in line


def test_a_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = refusal({"JOURNEY_DATA_DIR": tmp_path / "file" / "data"})
    assert "cannot be used (Not a directory)" in line


def test_a_mongodb_that_does_not_answer(tmp_path: Path) -> None:
    line = refusal(
        {"JOURNEY_DATA_DIR": tmp_path, "JOURNEY_MONGODB_URL": f"mongodb://ada:secret@127.0.0.1:{free_port()}"}
    )
    assert "answers within 5 s" in line
    assert "correct JOURNEY_MONGODB_URL" in line
    assert "secret" not in line


async def test_a_mongodb_that_is_no_replica_set(tmp_path: Path, standalone_mongod: int) -> None:
    line = refusal({"JOURNEY_DATA_DIR": tmp_path, "JOURNEY_MONGODB_URL": f"mongodb://127.0.0.1:{standalone_mongod}"})
    assert "is not a replica set" in line
    assert "rs.initiate()" in line


def test_a_machine_without_mongod(tmp_path: Path) -> None:
    # An empty package of the name of the wheel's hides the wheel.
    (tmp_path / "hiding/fiftyone").mkdir(parents=True)
    (tmp_path / "hiding/fiftyone/__init__.py").touch()
    (tmp_path / "empty").mkdir()
    hidden = {"PYTHONPATH": tmp_path / "hiding", "PATH": tmp_path / "empty"}
    line = refusal({"JOURNEY_DATA_DIR": tmp_path / "data", **hidden})
    assert "There is no mongod" in line
    assert "pip install 'journey-gateway[embedded]'" in line


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        pytest.param("JOURNEY_PORT", "eighty", "JOURNEY_PORT: 'eighty' is not allowed", id="no number"),
        pytest.param("JOURNEY_WORKERS", "0", "must be a whole number from 1 to 256", id="out of range"),
        pytest.param("JOURNEY_MONGODB_URL", "postgres://me:secret@db", "JOURNEY_MONGODB_URL: the value", id="secret"),
        pytest.param("JOURNEY_PROT", "9000", "did you mean JOURNEY_PORT?", id="misspelt"),
        pytest.param("JOURNEY_LOG_LEVEL", "loud", "JOURNEY_LOG_LEVEL: 'loud'", id="unknown word"),
    ],
)
def test_a_setting_that_cannot_be_used(variable: str, value: str, expected: str) -> None:
    line = refusal({variable: value})
    assert expected in line
    assert "secret@" not in line


def test_an_option_is_judged_as_its_variable_is() -> None:
    ended = run_command("serve", "--workers", "1000")
    assert "must be a whole number from 1 to 256" in the_line(ended)
