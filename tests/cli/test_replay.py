"""`journey-gateway replay`: a file becomes live traffic of a running server."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.cli.call_lines import open_calls
from gateway.cli.failures import CommandError
from gateway.cli.meter import meter
from gateway.cli.replay import play
from gateway.cli.replay_sender import Sender
from tests.cli.conftest import ServedPlace
from tests.cli.workplace import Call, ended
from tests.running_server import free_port, until

WriteCalls = Callable[..., Path]
START = datetime(2015, 5, 17, 10, tzinfo=UTC)


def pages(visitor: str, count: int, seconds: float = 1.0) -> list[Call]:
    return [
        {
            "type": "page",
            "messageId": f"{visitor} {number}",
            "anonymousId": visitor,
            "timestamp": (START + timedelta(seconds=seconds * number)).isoformat(),
        }
        for number in range(count)
    ]


async def stored(served: ServedPlace, visitor: str) -> list[dict[str, object]]:
    events = served.workplace.connection.database["events"]
    return await events.find({"customerId": visitor}).sort("createdDate").to_list()


async def test_a_file_arrives_as_new_traffic_each_time(served: ServedPlace, write_calls: WriteCalls) -> None:
    path = write_calls(*pages("ada", 20, seconds=60), "no json", '{"type": "page"}')
    begun = datetime.now(UTC) - timedelta(seconds=1)
    for _ in range(2):
        told = await served.workplace.run("replay", path, "--speed", 1000, "--url", served.server.url)
        assert told.code == 0, told.errors
        assert told.output.startswith("events    22 sent: 20 accepted, 0 duplicate, 2 refused\n")
        assert "refused   1 missing_identity" in told.output
    events = await stored(served, "ada")
    assert len(events) == 40
    assert all(begun < moment for event in events if isinstance(moment := event["createdDate"], datetime))
    assert not {event["messageId"] for event in events} & {f"ada {number}" for number in range(20)}


async def test_it_stops_politely(served: ServedPlace, write_calls: WriteCalls) -> None:
    path = write_calls(*pages("grace", 100, seconds=3600))
    process = await served.workplace.start("replay", path, "--url", served.server.url)
    await until(lambda: stored(served, "grace"))
    process.send_signal(signal.SIGINT)
    told = await ended(process)
    assert (told.code, told.errors) == (130, "Stopped.\n")
    assert told.output.startswith("events    1 sent: 1 accepted")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--write-key", "nope"], "answered 401: the write key is 'nope'", id="unknown write key"),
        pytest.param(["--url", f"http://127.0.0.1:{free_port()}"], "No server answers at", id="no server"),
        pytest.param(["--url", "shop.example"], "--url is 'shop.example'", id="no address"),
        pytest.param(["--speed", "inf"], "--speed is inf", id="no speed"),
    ],
)
async def test_what_cannot_be_done_is_told_in_one_line(
    served: ServedPlace, write_calls: WriteCalls, options: list[str], words: str
) -> None:
    told = await served.workplace.run("replay", write_calls(*pages("alan", 3)), "--url", served.server.url, *options)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert words in told.errors


class MoodyServer:
    """Answers as it is told, then accepts everything."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, list[Call]]] = []

    async def batch(self, request: Request) -> Response:
        if self.answers:
            return self.answers.pop(0)
        self.bodies.append(await request.json())
        return JSONResponse({"receipts": [{"status": "accepted"} for _ in self.bodies[-1]["batch"]]})


@asynccontextmanager
async def sender_to(server: MoodyServer) -> AsyncIterator[Sender]:
    app = Starlette(routes=[Route("/v1/batch", server.batch, methods=["POST"])])
    transport = httpx.ASGITransport(app)
    begun = asyncio.get_running_loop().time()
    async with httpx.AsyncClient(base_url="http://here", transport=transport) as client:
        yield Sender(client, "key", lambda: asyncio.get_running_loop().time() - begun, asyncio.Event())


async def replayed(path: Path, sender: Sender) -> None:
    with open_calls(str(path)) as calls, meter("calls", calls.size) as shown:
        await play(calls, 1e9, sender, shown)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Response(status_code=503, headers={"Retry-After": "0"}), id="busy"),
        pytest.param(Response(status_code=429), id="too fast"),
        pytest.param(Response(status_code=502, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), id="a proxy"),
    ],
)
async def test_a_server_that_is_busy_gets_the_same_again(answer: Response, write_calls: WriteCalls) -> None:
    server = MoodyServer(answer)
    async with sender_to(server) as sender:
        await replayed(write_calls(*pages("ada", 3)), sender)
    assert sender.statuses == {"accepted": 3}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(JSONResponse({"message": "no such key."}, 401), "answered 401: no such key", id="refused"),
        pytest.param(PlainTextResponse("<html>", 200), "no receipt", id="something else answers"),
    ],
)
async def test_a_server_that_will_never_take_it_ends_the_replay(
    answer: Response, words: str, write_calls: WriteCalls
) -> None:
    async with sender_to(MoodyServer(answer)) as sender:
        with pytest.raises(CommandError, match=words):
            await replayed(write_calls(*pages("ada", 300)), sender)


async def test_requests_stay_within_the_limits_of_the_collector(write_calls: WriteCalls) -> None:
    large = [{**call, "properties": {"text": "x" * 30_000}} for call in pages("ada", 40, seconds=0)]
    server = MoodyServer()
    async with sender_to(server) as sender:
        await replayed(write_calls(*large, *pages("grace", 350, seconds=0)), sender)
    assert sender.statuses == {"accepted": 390}
    assert max(len(str(body)) for body in server.bodies) < 500 * 1024
    assert max(len(body["batch"]) for body in server.bodies) <= 100
