"""The app as a whole: which door leads where, and what operators look at."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from gateway.access.first_keys import ensure_first_keys
from gateway.app import open_app
from gateway.clock import now
from gateway.settings import Settings
from gateway.storage import connection as connection_module
from gateway.storage.connection import connect
from gateway.storage.embedded import embedded_mongodb
from gateway.storage.errors import MongoDBUnreachable
from gateway.storage.preparation import prepare


@pytest.fixture
async def client(mongodb_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Client of the app over an empty database."""
    name = f"test_{uuid4().hex}"
    async with await connect(mongodb_url, name) as connection:
        await prepare(connection)
        await ensure_first_keys(connection.database, "wk_1", "token", lambda: "drawn", now())
        async with (
            open_app(Settings.read({"JOURNEY_DATABASE": name}), mongodb_url) as app,
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
        ):
            yield client
        await connection.client.drop_database(name)


async def test_it_is_healthy_and_ready(client: httpx.AsyncClient) -> None:
    for path, text in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
        answer = await client.get(path)
        assert (answer.status_code, answer.text) == (200, text)


async def test_it_stays_healthy_but_is_not_ready_without_mongodb(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("mongodb")
    async with embedded_mongodb(directory, join=False) as url:
        opened = open_app(Settings.read({"JOURNEY_DATABASE": "test"}), url)
        app = await opened.__aenter__()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "MongoDB has no primary that answers.\n")
    await opened.__aexit__(None, None, None)


async def test_it_does_not_open_without_mongodb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "SERVER_SELECTION_SECONDS", 1)
    with pytest.raises(MongoDBUnreachable):
        async with open_app(Settings.read({}), "mongodb://127.0.0.1:1"):
            raise AssertionError


async def test_metrics_count_events_and_are_read_by_prometheus(client: httpx.AsyncClient) -> None:
    body = {"batch": [{"type": "page", "messageId": "m", "anonymousId": "v"}] * 2}
    assert (await client.post("/v1/batch", json=body, auth=("wk_1", ""))).status_code == 200
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    counted = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if line.startswith("journey_"))
    assert float(counted['journey_events_total{status="accepted"}']) >= 1
    assert float(counted['journey_events_total{status="duplicate"}']) >= 1
    assert float(counted["journey_commit_seconds_count"]) >= 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/tag.js", 200, id="the tag"),
        pytest.param("GET", "/v1/projects/wk_1/settings", 200, id="the configuration of the tag"),
        pytest.param("GET", "/v1/projects/other/settings", 401, id="the configuration of nobody's tag"),
        pytest.param("POST", "/graphql", 401, id="GraphQL without a token"),
        pytest.param("GET", "/graphql", 401, id="GraphQL by GET without a token"),
        pytest.param("GET", "/demo/", 404, id="no demonstration unless it is asked for"),
        pytest.param("GET", "/live/", 404, id="no live list unless it is asked for"),
        pytest.param("GET", "/", 404, id="nothing at the root"),
        pytest.param("POST", "/healthz", 405, id="health is not to be written"),
    ],
)
async def test_each_door_leads_to_its_place(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    assert (await client.request(method, path)).status_code == status


def test_the_time_is_utc_in_whole_milliseconds() -> None:
    moment = now()
    assert moment.microsecond % 1000 == 0
    assert moment.utcoffset() is not None
    assert not moment.utcoffset()
