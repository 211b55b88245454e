import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import socket

import pytest
from pymongo import AsyncMongoClient

from gateway.storage import connection as connection_module
from gateway.storage.connection import Connection, Document, connect, redact
from gateway.storage.embedded import embedded_mongodb
from gateway.storage.embedded.data_directory import DataDirectory
from gateway.storage.embedded.mongod_binary import find_mongod
from gateway.storage.embedded.mongod_process import MongodProcess
from gateway.storage.errors import (
    AuthenticationFailed,
    InvalidMongoDBURL,
    MongoDBTooOld,
    MongoDBUnreachable,
    NotAReplicaSet,
    NotWritable,
    StorageError,
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are on this machine here, and answer at once or not at all."""
    monkeypatch.setattr(connection_module, "SERVER_SELECTION_SECONDS", 1)


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def plain_mongod(directory: Path, *options: str) -> AsyncIterator[int]:
    """A mongod that nobody has made a replica set of; gives its port."""
    port = free_port()
    places = ("--dbpath", str(directory), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket")
    mongod = await MongodProcess.start((str(find_mongod()), *places, *options), directory / "log")
    try:
        await until_it_listens(port)
        yield port
    finally:
        await mongod.stop()


async def until_it_listens(port: int) -> None:
    for _ in range(1500):
        with socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def test_dates_come_back_as_they_went_in(connection: Connection) -> None:
    date = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    await connection.database["dates"].insert_one({"_id": 1, "date": date})
    found = await connection.database["dates"].find_one({"_id": 1})
    assert found == {"_id": 1, "date": date}
    assert found["date"].tzinfo is UTC


async def test_what_is_acknowledged_is_on_the_disk_of_a_majority(connection: Connection) -> None:
    assert connection.database.write_concern.document == {"w": "majority", "j": True}
    assert connection.database.read_concern.level == "majority"


async def test_a_transaction_is_there_together_or_not_at_all(connection: Connection) -> None:
    notes = connection.database["notes"]
    async with connection.client.start_session() as session:
        async with await session.start_transaction():
            await notes.insert_one({"_id": 1}, session=session)
            await session.abort_transaction()
        assert await notes.count_documents({}) == 0
        async with await session.start_transaction():
            await notes.insert_many([{"_id": 1}, {"_id": 2}], session=session)
    assert await notes.count_documents({}) == 2


async def test_it_is_ready_until_it_is_closed(mongodb_url: str) -> None:
    connection = await connect(mongodb_url, "test_readiness")
    assert await connection.is_ready()
    await connection.close()
    await connection.close()


async def test_it_is_not_ready_when_the_server_has_gone(tmp_path: Path) -> None:
    async with embedded_mongodb(tmp_path, join=False) as url:
        connection = await connect(url, "test")
    async with connection:
        assert not await connection.is_ready()


async def test_a_server_that_does_not_answer_is_unreachable() -> None:
    url = f"mongodb://127.0.0.1:{free_port()}"
    with pytest.raises(MongoDBUnreachable, match=f"No MongoDB at {url} answers within 1 s .*: start it, "):
        await connect(url, "test")


async def test_a_standalone_server_is_refused(tmp_path: Path) -> None:
    async with plain_mongod(tmp_path) as port:
        with pytest.raises(NotAReplicaSet, match="start mongod with --replSet NAME"):
            await connect(f"mongodb://127.0.0.1:{port}", "test")


async def test_a_replica_set_that_was_never_initiated_is_refused(tmp_path: Path) -> None:
    async with plain_mongod(tmp_path, "--replSet", "new") as port:
        with pytest.raises(NotAReplicaSet, match=r"run rs\.initiate\(\) once"):
            await connect(f"mongodb://127.0.0.1:{port}", "test")


@pytest.mark.parametrize("option", ["replicaSet=journey", "directConnection=true"], ids=["discovered", "direct"])
async def test_a_replica_set_without_a_primary_is_refused(tmp_path: Path, option: str) -> None:
    async with embedded_mongodb(tmp_path, join=False) as url:
        client: AsyncMongoClient[Document]
        async with AsyncMongoClient(url) as client:
            await client.admin.command({"replSetStepDown": 60, "force": True})
        with pytest.raises(NotWritable, match="no primary that takes writes"):
            await connect(f"mongodb://127.0.0.1:{DataDirectory(tmp_path).note().port}/?{option}", "test")


async def test_an_old_server_is_refused(mongodb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "OLDEST_VERSION", (99, 0))
    with pytest.raises(MongoDBTooOld, match=r"is version \d+\.\d+\.\d+: upgrade it to 99\.0 or later"):
        await connect(mongodb_url, "test")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        pytest.param("postgres://u:hunter2@127.0.0.1", InvalidMongoDBURL, id="another scheme"),
        pytest.param("mongodb://u:hunter2/@127.0.0.1", InvalidMongoDBURL, id="password not encoded"),
        pytest.param("mongodb://u:hunt:hunter2@127.0.0.1:1", InvalidMongoDBURL, id="colon not encoded"),
        pytest.param("mongodb://u:hunter2@127.0.0.1:99999", InvalidMongoDBURL, id="port out of range"),
        pytest.param("mongodb://127.0.0.1:abc", InvalidMongoDBURL, id="no port"),
        pytest.param("mongodb://u:hunter2@127.0.0.1/?compressors=zlib&w=-1", InvalidMongoDBURL, id="bad option"),
        pytest.param("mongodb+srv://u:hunter2@nowhere.invalid", StorageError, id="host unknown to DNS"),
        pytest.param("mongodb://u:hunter2@127.0.0.1:1", MongoDBUnreachable, id="nobody there"),
    ],
)
async def test_no_error_tells_the_password(url: str, kind: type[StorageError]) -> None:
    with pytest.raises(kind) as caught:
        await connect(url, "test")
    assert "hunter2" not in str(caught.value)


async def test_a_wrong_password_is_refused_and_not_told(mongodb_url: str) -> None:
    with pytest.raises(AuthenticationFailed, match=r"\*\*\*@/.*\.sock refused the user and password") as caught:
        await connect(mongodb_url.replace("//", "//u:hunter2@"), "test")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("mongodb://a:1,b:2/x?replicaSet=r", "mongodb://a:1,b:2", id="hosts"),
        pytest.param("mongodb://u:p@a:1/x", "mongodb://***@a:1", id="credentials"),
        pytest.param("mongodb://%2Ftmp%2Fa.sock/?x=y", "mongodb:///tmp/a.sock", id="a socket"),
        pytest.param("mongodb+srv://u:p@a", "mongodb+srv://***@a", id="DNS"),
        pytest.param("mongodb://u:p@p/p@a:1/x", "mongodb://***@a:1", id="credentials not encoded"),
        pytest.param("mongodb://a/?tlsCertificateKeyFilePassword=p", "mongodb://a", id="secret option"),
        pytest.param("u:p@a", "(not a MongoDB URL)", id="no URL"),
    ],
)
def test_a_url_is_shown_by_its_hosts(url: str, shown: str) -> None:
    assert redact(url) == shown
