import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.storage.connection import connect
from gateway.storage.embedded import embedded_mongodb, mongod_log, supervised_mongod
from gateway.storage.embedded.data_directory import DataDirectory
from gateway.storage.embedded.mongod_binary import find_mongod
from gateway.storage.errors import DataDirectoryLocked, DataDirectoryUnusable, MongodFailed

OWNER = """
import asyncio, sys
from pathlib import Path
from gateway.storage.embedded import embedded_mongodb

async def own() -> None:
    async with embedded_mongodb(Path(sys.argv[1]), join=False) as url:
        print(url, flush=True)
        await asyncio.sleep(3600)

asyncio.run(own())
"""


@asynccontextmanager
async def other_owner(data_dir: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Another process that owns the embedded server; gives it and the URL."""
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(data_dir)), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert owner.stdout is not None
    try:
        yield owner, (await owner.stdout.readline()).decode().strip()
    finally:
        if owner.returncode is None:
            owner.kill()
        await owner.wait()
        await until(lambda: DataDirectory(data_dir).mongod_pid() is None)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


def mongod_pid(data_dir: Path) -> int:
    pid = DataDirectory(data_dir).mongod_pid()
    assert pid is not None
    return pid


async def add_note(url: str, text: str) -> list[str]:
    """Write a note, and return all that are there."""
    async with await connect(url, "test") as connection:
        await connection.database["notes"].insert_one({"text": text})
        return [note["text"] async for note in connection.database["notes"].find().sort("_id")]


def program_on_the_path(directory: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    directory.mkdir()
    program = directory / "mongod"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")


async def test_a_second_start_finds_the_data_on_the_same_port(tmp_path: Path) -> None:
    async with embedded_mongodb(tmp_path, join=False) as first:
        assert await add_note(first, "first") == ["first"]
    async with embedded_mongodb(tmp_path, join=False) as second:
        assert await add_note(second, "second") == ["first", "second"]
    assert first == second
    assert DataDirectory(tmp_path).mongod_pid() is None


async def test_a_second_start_takes_another_port_when_the_old_one_is_taken(tmp_path: Path) -> None:
    async with embedded_mongodb(tmp_path, join=False) as first:
        await add_note(first, "first")
    port = DataDirectory(tmp_path).note().port
    squatter = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    async with squatter, embedded_mongodb(tmp_path, join=False) as second:
        assert second != first
        assert await add_note(second, "second") == ["first", "second"]


async def test_it_is_found_by_its_port_where_the_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    async with embedded_mongodb(tmp_path / ("x" * 100), join=False) as url:
        assert "sock" not in url
        assert await add_note(url, "first") == ["first"]


async def test_a_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    async with embedded_mongodb(tmp_path, join=False):
        with pytest.raises(DataDirectoryLocked) as caught:
            async with embedded_mongodb(tmp_path, join=False):
                pass
    assert caught.value.pid == os.getpid()
    assert f"{tmp_path}/mongodb is in use by process {os.getpid()}: end that first" in str(caught.value)


async def test_who_joins_talks_to_the_server_that_runs_and_leaves_it_running(tmp_path: Path) -> None:
    async with other_owner(tmp_path) as (_, url):
        async with embedded_mongodb(tmp_path, join=True) as joined:
            assert joined == url
            await add_note(joined, "joined")
        assert await add_note(url, "after") == ["joined", "after"]


async def test_who_joins_waits_until_a_server_that_starts_is_ready(tmp_path: Path) -> None:
    async def join() -> str:
        async with embedded_mongodb(tmp_path, join=True) as url:
            await add_note(url, "here")
            await everybody.wait()
            return url

    everybody = asyncio.Barrier(3)
    assert len({await url for url in asyncio.as_completed([join(), join(), join()])}) == 1


async def test_who_joins_nobody_starts_the_server(tmp_path: Path) -> None:
    async with embedded_mongodb(tmp_path, join=True) as url:
        assert await add_note(url, "alone") == ["alone"]
    assert DataDirectory(tmp_path).mongod_pid() is None


async def test_mongod_ends_when_its_parent_is_killed_and_a_new_start_waits_for_that(tmp_path: Path) -> None:
    async with other_owner(tmp_path) as (owner, url):
        await add_note(url, "before")
        owner.kill()
        await owner.wait()
        async with embedded_mongodb(tmp_path, join=False) as again:
            assert await add_note(again, "after") == ["before", "after"]


async def test_nothing_is_left_running_after_the_parent_was_killed(tmp_path: Path) -> None:
    async with other_owner(tmp_path) as (owner, _):
        group = os.getpgid(mongod_pid(tmp_path))
        assert group != os.getpgid(owner.pid)  # so that Ctrl-C reaches the parent only
        owner.kill()
        await until(lambda: not group_lives(group))


async def test_nothing_is_left_running_after_the_end(tmp_path: Path) -> None:
    async with embedded_mongodb(tmp_path, join=False):
        group = os.getpgid(mongod_pid(tmp_path))
    await until(lambda: not group_lives(group))


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("victim", ["mongod", "guard"])
async def test_a_server_that_is_killed_is_started_again_on_the_same_port(tmp_path: Path, victim: str) -> None:
    async with embedded_mongodb(tmp_path, join=False) as url:
        await add_note(url, "before")
        first = mongod_pid(tmp_path)
        os.kill(first if victim == "mongod" else os.getpgid(first), signal.SIGKILL)
        await until(lambda: DataDirectory(tmp_path).mongod_pid() not in {first, None})
        assert await add_note(url, "after") == ["before", "after"]


async def test_a_server_that_ends_again_and_again_is_given_up_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, once = find_mongod(), tmp_path / "once"
    script = f'[ -e "{once}" ] && echo "No space left on device" && exit 1; touch "{once}"; exec "{real}" "$@"'
    program_on_the_path(tmp_path / "bin", monkeypatch, script)
    with pytest.raises(MongodFailed) as caught:
        await kill_and_wait(tmp_path)
    assert str(caught.value).startswith("mongod ended with status 1: No space left on device. See /")


async def kill_and_wait(data_dir: Path) -> None:
    async with embedded_mongodb(data_dir, join=False):
        os.kill(mongod_pid(data_dir), signal.SIGKILL)
        await asyncio.sleep(30)


async def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_on_the_path(tmp_path / "bin", monkeypatch, 'echo "error: unrecognised option" >&2; exit 2')
    with pytest.raises(MongodFailed, match=r"^mongod ended with status 2: error: unrecognised option"):
        async with embedded_mongodb(tmp_path, join=False):
            pass


async def test_a_processor_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_on_the_path(tmp_path / "bin", monkeypatch, "kill -ILL $$")
    with pytest.raises(MongodFailed, match="ended by SIGILL: this processor has no AVX"):
        async with embedded_mongodb(tmp_path, join=False):
            pass


async def test_a_server_that_never_takes_writes_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervised_mongod, "SECONDS_TO_START", 0.2)
    program_on_the_path(tmp_path / "bin", monkeypatch, f'echo $$ > "{tmp_path}/pid"; exec sleep 3600')
    with pytest.raises(MongodFailed, match=r"takes no writes after 0\.2 s"):
        async with embedded_mongodb(tmp_path, join=False):
            pass
    await until(lambda: not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists())


async def test_mongod_says_itself_why_it_cannot_use_its_files(tmp_path: Path) -> None:
    (tmp_path / "mongodb" / "database").mkdir(parents=True)
    (tmp_path / "mongodb" / "database" / "WiredTiger").mkdir()
    with pytest.raises(MongodFailed) as caught:
        async with embedded_mongodb(tmp_path, join=False):
            pass
    assert caught.value.reason != mongod_log.NO_REASON
    assert "\n" not in str(caught.value)


async def test_a_data_directory_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(DataDirectoryUnusable):
        async with embedded_mongodb(Path("/proc/nowhere"), join=True):
            pass


async def test_a_log_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mongodb" / "mongod.log").mkdir(parents=True)
    with pytest.raises(DataDirectoryUnusable, match="Is a directory"):
        async with embedded_mongodb(tmp_path, join=False):
            pass


async def test_the_lock_is_free_again_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        program_on_the_path(tmp_path / "bin", patch, "exit 1")
        with pytest.raises(MongodFailed):
            async with embedded_mongodb(tmp_path, join=False):
                pass
    async with embedded_mongodb(tmp_path, join=False) as url:
        assert await add_note(url, "works") == ["works"]


async def test_an_error_of_the_block_is_the_callers_own(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="mine"):
        async with embedded_mongodb(tmp_path, join=False):
            raise LookupError("mine")
    assert DataDirectory(tmp_path).mongod_pid() is None


async def test_a_long_log_is_changed_while_mongod_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod_log, "LARGEST_LOG", 1000)
    monkeypatch.setattr(supervised_mongod, "SECONDS_BETWEEN_ROTATIONS", 0.1)
    async with embedded_mongodb(tmp_path, join=False) as url:
        await until((tmp_path / "mongodb" / "mongod.log.1").exists)
        await until((tmp_path / "mongodb" / "mongod.log").exists)
        assert await add_note(url, "works") == ["works"]
