from datetime import UTC, datetime

import pytest

from gateway.access.first_keys import ensure_first_keys
from gateway.access.tokens import ADMIN, add_token, hash_of, viewer_of
from gateway.access.viewer import Viewer
from gateway.storage.database import Database
from gateway.storage.rows import all_rows

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
async def token(database: Database) -> str:
    await add_token(database, "jg_secret", "Ada", ADMIN, NOON)
    return "jg_secret"


@pytest.mark.parametrize(
    ("authorization", "known"),
    [
        pytest.param("Bearer jg_secret", True, id="as documented"),
        pytest.param("bearer  jg_secret ", True, id="in another case, with spaces"),
        pytest.param("Bearer jg_other", False, id="another token"),
        pytest.param("Basic jg_secret", False, id="another scheme"),
        pytest.param("jg_secret", False, id="no scheme"),
        pytest.param("Bearer ", False, id="no token"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="absent"),
        pytest.param("Bearer \ud800", False, id="no text"),
    ],
)
async def test_who_asks_is_known_by_the_bearer_token(
    authorization: str | None, *, known: bool, token: str, database: Database
) -> None:
    assert token == "jg_secret"  # noqa: S105 - of this test alone
    assert await viewer_of(database, authorization) == (Viewer("Ada", ADMIN) if known else None)


async def test_a_token_is_stored_as_its_hash_only(token: str, database: Database) -> None:
    (row,) = await all_rows(database, "tokens")
    assert row["hash"] == hash_of(token)
    assert token not in repr(row)


async def test_an_empty_database_gets_the_keys_that_are_given(database: Database) -> None:
    keys = await ensure_first_keys(database, "wk_mine", "my token", lambda: "drawn", NOON)
    assert (keys.write_key, keys.admin_token) == ("wk_mine", "my token")
    assert await viewer_of(database, "Bearer my token") == Viewer("first admin", ADMIN)


async def test_without_given_keys_they_are_drawn(database: Database) -> None:
    keys = await ensure_first_keys(database, None, None, iter(["one", "two"]).__next__, NOON)
    assert (keys.write_key, keys.admin_token) == ("wk_one", "jg_two")


async def test_a_second_start_finds_the_keys_and_makes_none(database: Database) -> None:
    await ensure_first_keys(database, "wk_mine", "my token", lambda: "drawn", NOON)
    keys = await ensure_first_keys(database, "wk_other", "other", lambda: "drawn", NOON)
    assert (keys.write_key, keys.admin_token) == ("wk_mine", None)
    assert await viewer_of(database, "Bearer other") is None
    assert len(await all_rows(database, "writeKeys")) == 1
