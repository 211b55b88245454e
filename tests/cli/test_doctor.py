"""`journey-gateway doctor`: every hop of an event, and which one is to blame."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import ServedPlace
from tests.cli.workplace import workplace_in
from tests.running_server import free_port

HOPS = ["server", "MongoDB", "tag", "token", "subscription", "collector", "GraphQL", "live list", "change stream"]


def marks(output: str) -> dict[str, str]:
    """Return the mark of each hop: the table's first column by its second."""
    rows = [line.partition(" ") for line in output.splitlines()[1:]]
    return {hop: mark for mark, _, rest in rows for hop in HOPS if rest.strip().startswith(f"{hop} ")}


async def test_a_sound_server_passes_every_hop(served: ServedPlace) -> None:
    told = await served.workplace.run("doctor", "--url", served.server.url)
    assert told.code == 0, told.output + told.errors
    assert marks(told.output) == dict.fromkeys(HOPS, "✓")
    [canary] = (
        await served.workplace.connection.database["sessions"].find({"customerId": {"$regex": "^doctor-"}}).to_list()
    )
    assert canary["lastEvent"]["eventName"] == "doctor_canary"
    assert canary["eventCount"] == 2


@pytest.mark.parametrize(
    ("options", "blamed", "advice"),
    [
        pytest.param(["--url", f"http://127.0.0.1:{free_port()}"], "server", "Start it with", id="no server"),
        pytest.param(["--token", "nope"], "token", "A bearer token is needed", id="unknown token"),
        pytest.param(["--write-key", "nope"], "collector", "Pass the --write-key", id="unknown write key"),
    ],
)
async def test_the_hop_that_fails_is_named_with_what_to_do(
    served: ServedPlace, options: list[str], blamed: str, advice: str
) -> None:
    told = await served.workplace.run("doctor", "--url", served.server.url, *options)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert told.errors.startswith(f"journey-gateway: {blamed}: ")
    assert advice in told.errors
    place = HOPS.index(blamed)
    assert list(marks(told.output).values()) == ["✓"] * place + ["✗"] + ["-"] * (len(HOPS) - place - 1)


async def test_the_token_of_the_data_directory_is_enough(served: ServedPlace) -> None:
    workplace = served.workplace
    assert (workplace.data_dir / "admin-token").is_file()
    place = replace(workplace, settings={**workplace.settings, "JOURNEY_ADMIN_TOKEN": ""})
    told = await place.run("doctor", "--url", served.server.url)
    assert told.code == 0, told.output + told.errors


async def test_what_is_open_is_listed_with_what_to_do(served: ServedPlace) -> None:
    """The tests' own token is in the environment, and short: that is severe."""
    told = await served.workplace.run("doctor", "--security", "--url", served.server.url)
    assert told.code == 1, told.output + told.errors
    assert told.errors == (
        "journey-gateway: Severe: 1 of these; close them before anybody else can reach the server.\n"
    )
    rows = [line.split("  ")[0] for line in told.output.splitlines()]
    assert "severe" in rows
    assert "JOURNEY_ADMIN_TOKEN is in force" in told.output
    assert "jg_of-the-tests" not in told.output
    assert "Not examined" not in told.output


async def test_nothing_severe_is_open_where_keys_were_generated(mongodb_url: str, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with workplace_in(tmp_path / "data", mongodb_url) as workplace:
        place = replace(workplace, settings={**workplace.settings, "JOURNEY_ADMIN_TOKEN": "", "JOURNEY_WRITE_KEY": ""})
        told = await place.run("doctor", "--security", "--url", url)
    assert told.code == 0, told.output + told.errors
    assert "endless admin tokens" in told.output
    assert f"Not examined, as no server answers at {url}" in told.output
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "admin-token").stat().st_mode & 0o777 == 0o600
