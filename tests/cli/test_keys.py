"""`journey-gateway token` and `journey-gateway write-key`: who may ask, and who may collect."""

from datetime import timedelta

import pytest

from gateway.access.authentication import Authenticator
from gateway.access.permissions import ROLES, Permission
from gateway.access.viewer import Viewer
from gateway.clock import now
from gateway.intake.write_keys import WriteKeys
from gateway.journey.division import HOME
from gateway.storage.tokens import add_row
from tests.cli.workplace import Ended, Workplace
from tests.running_server import WRITE_KEY


async def opened_by(workplace: Workplace, made: Ended) -> Viewer | None:
    """Return who comes with a token that was made so."""
    assert made.code == 0, made.errors
    return await Authenticator(workplace.connection.database, now).viewer_of(f"Bearer {made.output.strip()}")


async def add_division(workplace: Workplace, name: str) -> None:
    row = {"_id": name, "name": name, "createdDate": now(), "modifiedDate": now()}
    await add_row(workplace.connection.database, "divisions", row)


async def lines_of(workplace: Workplace) -> dict[str, list[str]]:
    """Return the columns that `token list` shows of each token, by name."""
    listed = await workplace.run("token", "list")
    lines = (line.split("│")[1:-1] for line in listed.output.splitlines() if line.startswith("│"))
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


async def test_a_new_token_is_printed_once_and_opens_the_door(workplace: Workplace) -> None:
    made = await workplace.run("token", "create", "--name", "reports")
    viewer = await opened_by(workplace, made)
    assert viewer is not None
    assert (viewer.name, viewer.role, viewer.permissions) == ("reports", "admin", frozenset(Permission))
    assert (viewer.divisions, viewer.expires_date) == (None, None)
    listed = await workplace.run("token", "list")
    assert "first admin" in listed.output
    assert "reports" in listed.output
    assert made.output.strip() not in listed.output


async def test_a_token_opens_what_its_role_and_divisions_say_until_it_expires(workplace: Workplace) -> None:
    await add_division(workplace, "north")
    options = ("--role", "agent", "--division", "north", "--division", HOME, "--expires-in-days", 30)
    begun = now()
    viewer = await opened_by(workplace, await workplace.run("token", "create", "--name", "[Bob]", *options))
    assert viewer is not None
    assert (viewer.role, viewer.permissions, viewer.divisions) == ("agent", ROLES["agent"], frozenset({"north", HOME}))
    assert viewer.expires_date is not None
    assert begun <= viewer.expires_date - timedelta(days=30) <= now()
    role, divisions, _, expires, last_used, state, id_ = (await lines_of(workplace))["[Bob]"]
    assert (role, divisions, last_used, state, id_) == ("agent", "north, home", "never", "valid", viewer.token_id)
    assert expires == f"{viewer.expires_date:%Y-%m-%d %H:%M} UTC"


@pytest.mark.parametrize("called", ["name", "id"])
async def test_a_revoked_token_opens_nothing(workplace: Workplace, called: str) -> None:
    made = await workplace.run("token", "create", "--name", "reports")
    viewer = await opened_by(workplace, made)
    assert viewer is not None
    revoked = await workplace.run("token", "revoke", viewer.token_id if called == "id" else "reports")
    assert revoked.code == 0, revoked.errors
    assert revoked.output == f"reports ({viewer.token_id}) is revoked.\n"
    assert await opened_by(workplace, made) is None
    assert (await lines_of(workplace))["reports"][5] == "revoked"
    entries = await workplace.connection.database["auditLog"].find().sort("date").to_list()
    assert [(entry["actor"], entry["action"]) for entry in entries] == [
        ("command line", "CREATED"),
        ("command line", "REVOKED"),
    ]


async def test_a_name_that_several_tokens_have_revokes_none_until_but_one_is_in_force(workplace: Workplace) -> None:
    made = [await workplace.run("token", "create", "--name", "reports") for _ in range(2)]
    told = await workplace.run("token", "revoke", "reports")
    assert told.code == 1
    ids = told.errors.strip().removesuffix(".").rpartition("one of ")[2].split(", ")
    assert len(ids) == 2
    await workplace.run("token", "revoke", ids[0])
    assert (await workplace.run("token", "revoke", "reports")).code == 0
    assert [await opened_by(workplace, one) for one in made] == [None, None]


async def test_a_new_write_key_collects_from_everywhere(workplace: Workplace) -> None:
    made = await workplace.run("write-key", "create", "--name", " second site ")
    listed = await workplace.run("write-key", "list")
    keys = [line for line in listed.output.splitlines() if line and not line.startswith(" ")]
    assert keys == [WRITE_KEY, made.output.strip()]
    assert "second site\n  allowed origins           *" in listed.output


async def test_a_write_key_collects_for_its_division(workplace: Workplace) -> None:
    await add_division(workplace, "north")
    made = await workplace.run("write-key", "create", "--name", "second site", "--division", "north")
    key = made.output.strip()

    async def division() -> str | None:
        found = await WriteKeys(workplace.connection.database)(key)
        assert found is not None
        return found.division_id

    assert await division() == "north"
    changed = await workplace.run("write-key", "set", key, "--division", HOME)
    assert "division                  home" in changed.output
    assert await division() is None
    await workplace.run("write-key", "set", key, "--division", "north")
    assert await division() == "north"


@pytest.mark.parametrize("called", ["second site", "its text"])
async def test_a_revoked_write_key_collects_nothing(workplace: Workplace, called: str) -> None:
    key = (await workplace.run("write-key", "create", "--name", "second site")).output.strip()
    assert await WriteKeys(workplace.connection.database)(key) is not None
    revoked = await workplace.run("write-key", "revoke", key if called == "its text" else called)
    assert (revoked.code, revoked.output) == (0, f"second site ({key}) is revoked.\n"), revoked.errors
    assert await WriteKeys(workplace.connection.database)(key) is None
    assert "UTC: it collects nothing" in (await workplace.run("write-key", "list")).output


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
        pytest.param(["set", WRITE_KEY, "--division", "east"], "--division is 'east'", id="no division"),
        pytest.param(["create", "--name", "  "], "--name is '  '", id="no name"),
        pytest.param(["create", "--name", "x" * 201], "--name is 'xxx", id="a name too long"),
        pytest.param(["revoke", "nope"], "There is no write key 'nope'", id="unknown key, to revoke"),
    ],
)
async def test_what_cannot_be_set_is_told_in_one_line(workplace: Workplace, arguments: list[str], words: str) -> None:
    told = await workplace.run("write-key", *arguments)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert told.errors.startswith(f"journey-gateway: {words}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["create", "--name", "  "], "--name is '  '", id="no name"),
        pytest.param(["create", "--name", "x", "--role", "emperor"], "--role is 'emperor': give one of", id="no role"),
        pytest.param(["create", "--name", "x", "--division", "east"], "--division is 'east'", id="no division"),
        pytest.param(["create", "--name", "x", "--expires-in-days", "0"], "--expires-in-days is 0", id="expired"),
        pytest.param(["revoke", "nope"], "There is no token 'nope'", id="unknown token"),
    ],
)
async def test_what_a_token_cannot_be_is_told_in_one_line(
    workplace: Workplace, arguments: list[str], words: str
) -> None:
    told = await workplace.run("token", *arguments)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert told.errors.startswith(f"journey-gateway: {words}")
    assert await workplace.connection.database["tokens"].count_documents({}) == 1
