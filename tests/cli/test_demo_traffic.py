"""`journey-gateway traffic`: made-up visitors of a running server, until Ctrl-C."""

import signal

import pytest

from tests.cli.conftest import ServedPlace
from tests.cli.workplace import ended
from tests.running_server import free_port, until


async def test_visitors_arrive_until_it_is_stopped(served: ServedPlace) -> None:
    events = served.workplace.connection.database["events"]
    process = await served.workplace.start("traffic", "--url", served.server.url, "--visitors", 300)
    await until(lambda: events.find_one({"messageId": {"$regex": "^traffic-"}}))
    process.send_signal(signal.SIGINT)
    told = await ended(process)
    assert told.code == 0, told.errors
    assert told.errors == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--url", f"http://127.0.0.1:{free_port()}"], "No server answers at", id="no server"),
        pytest.param(["--write-key", "nope"], "answered 401: the write key is 'nope'", id="unknown write key"),
    ],
)
async def test_what_cannot_be_sent_is_told_in_one_line(served: ServedPlace, options: list[str], words: str) -> None:
    told = await served.workplace.run("traffic", "--url", served.server.url, "--visitors", 300, *options)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert words in told.errors
