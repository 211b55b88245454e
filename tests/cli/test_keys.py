"""`journey-gateway token` and `journey-gateway write-key`: who may ask, and who may collect."""

import pytest

from gateway.access.tokens import viewer_of
from tests.cli.workplace import Workplace
from tests.running_server import WRITE_KEY


async def test_a_new_token_is_printed_once_and_opens_the_door(workplace: Workplace) -> None:
    made = await workplace.run("token", "create", "--name", "reports")
    assert made.code == 0, made.errors
    viewer = await viewer_of(workplace.connection.database, f"Bearer {made.output.strip()}")
    assert viewer is not None
    assert (viewer.name, viewer.role) == ("reports", "admin")
    listed = await workplace.run("token", "list")
    assert "first admin" in listed.output
    assert "reports" in listed.output
    assert made.output.strip() not in listed.output


async def test_a_new_write_key_collects_from_everywhere(workplace: Workplace) -> None:
    made = await workplace.run("write-key", "create", "--name", " second site ")
    listed = await workplace.run("write-key", "list")
    keys = [line for line in listed.output.splitlines() if line and not line.startswith(" ")]
    assert keys == [WRITE_KEY, made.output.strip()]
    assert "second site\n  allowed origins           *" in listed.output


async def test_settings_of_a_write_key_are_replaced_and_the_others_stay(workplace: Workplace) -> None:
    options = (
        *("--allowed-origin", "https://Shop.example/", "--allowed-origin", "http://127.0.0.1:8080"),
        *("--allowed-domain", "*.shop.example", "--excluded-query-parameter", "token"),
        *("--search-parameter", "", "--keep-fragment", "--robots"),
    )
    changed = await workplace.run("write-key", "set", WRITE_KEY, *options)
    assert changed.code == 0, changed.errors
    row = await workplace.connection.database["writeKeys"].find_one({"key": WRITE_KEY})
    assert row is not None
    assert row["allowedOrigins"] == ["https://shop.example", "http://127.0.0.1:8080"]
    assert row["allowedDomains"] == ["*.shop.example"]
    assert row["searchParameters"] == []
    assert row["excludedQueryParameters"] == ["token"]
    assert (row["keepFragment"], row["acceptRobots"], row["name"]) == (True, True, "first site")
    assert "robots                    accepted" in changed.output
    await workplace.run("write-key", "set", WRITE_KEY, "--no-robots")
    row = await workplace.connection.database["writeKeys"].find_one({"key": WRITE_KEY})
    assert row is not None
    assert (row["keepFragment"], row["acceptRobots"]) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["set", "nope", "--robots"], "There is no write key 'nope'", id="unknown key"),
        pytest.param(["set", WRITE_KEY], "Nothing is to be changed", id="no option"),
        pytest.param(["set", WRITE_KEY, "--allowed-origin", "shop.example"], "--allowed-origin is", id="no origin"),
        pytest.param(
            ["set", WRITE_KEY, "--allowed-origin", "https://shop.example/a"], "--allowed-origin is", id="a page"
        ),
        pytest.param(["set", WRITE_KEY, "--allowed-domain", "https://shop.example"], "--allowed-domain is", id="a URL"),
        pytest.param(["create", "--name", "  "], "--name has 0 characters", id="no name"),
    ],
)
async def test_what_cannot_be_set_is_told_in_one_line(workplace: Workplace, arguments: list[str], words: str) -> None:
    told = await workplace.run("write-key", *arguments)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert told.errors.startswith(f"journey-gateway: {words}")
