"""Who comes with a header, and whether who came before may stay."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from gateway.access import last_uses
from gateway.access.authentication import Authenticator, Standing
from gateway.access.last_uses import QUIET
from gateway.access.permissions import ROLES
from gateway.access.tokens import ADMIN, NewToken, add_token, create_token, revoke_token
from gateway.access.viewer import Viewer
from gateway.journey.division import HOME
from gateway.storage.connection import connect
from gateway.storage.database import Database
from tests.running_server import until

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA = Viewer("Ada", ADMIN, ROLES[ADMIN])


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(database: Database, clock: Clock) -> Authenticator:
    return Authenticator(database, clock)


async def opened(authenticator: Authenticator, token: str) -> Viewer:
    viewer = await authenticator.viewer_of(f"Bearer {token}")
    assert viewer is not None
    return viewer


@pytest.mark.parametrize(
    ("authorization", "known"),
    [
        pytest.param("Bearer jg_secret", True, id="as documented"),
        pytest.param("bearer  jg_secret ", True, id="in another case, with spaces"),
        pytest.param("Bearer jg_other", False, id="another token"),
        pytest.param("Bearer jg_secre", False, id="the beginning of one"),
        pytest.param("Basic jg_secret", False, id="another scheme"),
        pytest.param("jg_secret", False, id="no scheme"),
        pytest.param("Bearer ", False, id="no token"),
        pytest.param("", False, id="empty"),
        pytest.param(None, False, id="absent"),
        pytest.param("Bearer \ud800", False, id="no text"),
        pytest.param("Bearer " + "x" * 100_000, False, id="endless"),
        pytest.param('Bearer {"$gt": ""}', False, id="a query operator"),
    ],
)
async def test_who_asks_is_known_by_the_bearer_token(
    database: Database, authenticator: Authenticator, authorization: str | None, *, known: bool
) -> None:
    await add_token(database, "jg_secret", "Ada", ADMIN, NOON)
    viewer = await authenticator.viewer_of(authorization)
    assert (viewer is not None) == known
    if viewer is not None:
        assert (viewer.name, viewer.role, viewer.permissions) == ("Ada", ADMIN, ROLES[ADMIN])
        assert (viewer.divisions, viewer.expires_date) == (None, None)


async def test_a_token_opens_nothing_any_more_from_the_moment_it_is_revoked(
    database: Database, authenticator: Authenticator
) -> None:
    row, token = await create_token(database, NewToken("Bob", "agent"), ADA, NOON)
    assert (await opened(authenticator, token)).token_id == row["_id"]
    await revoke_token(database, row["_id"], ADA, NOON)
    assert await authenticator.viewer_of(f"Bearer {token}") is None


async def test_a_token_opens_nothing_any_more_from_the_moment_it_expires(
    database: Database, authenticator: Authenticator, clock: Clock
) -> None:
    _, token = await create_token(database, NewToken("Bob", "agent", expires_in_days=1), ADA, NOON)
    clock.now = NOON + timedelta(days=1, milliseconds=-1)
    assert (await opened(authenticator, token)).expires_date == NOON + timedelta(days=1)
    clock.now = NOON + timedelta(days=1)
    assert await authenticator.viewer_of(f"Bearer {token}") is None


async def test_tokens_that_are_none_of_ours_are_left_to_who_knows_them(database: Database, clock: Clock) -> None:
    eve = Viewer("Eve", "agent", ROLES["agent"], token_id="oidc:1")  # noqa: S106 - an id, not a token
    asked: list[str] = []

    async def verify(token: str) -> Viewer | None:
        asked.append(token)
        return eve if token.startswith("e.y.J") else None

    authenticator = Authenticator(database, clock, verify)
    await add_token(database, "jg_secret", "Ada", ADMIN, NOON)
    await add_token(database, "jg_old", "Old", ADMIN, NOON)
    await database["tokens"].update_one({"name": "Old"}, {"$set": {"revokedDate": NOON}})
    assert (await opened(authenticator, "jg_secret")).name == "Ada"
    assert asked == []
    assert await authenticator.viewer_of("Bearer e.y.J" + "x" * 2_000) == eve
    assert await authenticator.viewer_of("Bearer jg_old") is None
    assert await authenticator.viewer_of("Basic e.y.J") is None
    assert len(asked) == 2


CHANGES = [
    pytest.param({}, Standing.VALID, id="nothing"),
    pytest.param({"name": "Robert", "lastUsedDate": NOON}, Standing.VALID, id="his name"),
    pytest.param({"role": "supervisor"}, Standing.VALID, id="he may do more"),
    pytest.param({"divisionIds": ["north", "south", "east"]}, Standing.VALID, id="he sees more divisions"),
    pytest.param({"role": "analyst"}, Standing.CHANGED, id="he has lost permissions and won others"),
    pytest.param({"role": "emperor"}, Standing.CHANGED, id="his role is no longer known"),
    pytest.param({"divisionIds": ["north"]}, Standing.CHANGED, id="he has lost a division"),
    pytest.param({"divisionIds": ["north", HOME]}, Standing.CHANGED, id="he has lost one and won another"),
    pytest.param({"revokedDate": NOON}, Standing.REVOKED, id="revoked"),
    pytest.param({"revokedDate": NOON, "role": "analyst"}, Standing.REVOKED, id="revoked and changed"),
    pytest.param({"expiresDate": NOON}, Standing.EXPIRED, id="it expires earlier"),
]


@pytest.mark.parametrize(("change", "standing"), CHANGES)
async def test_how_somebody_stands_after_his_token_has_changed(
    database: Database, authenticator: Authenticator, change: Mapping[str, object], standing: Standing
) -> None:
    row, token = await create_token(database, NewToken("Bob", "agent"), ADA, NOON)
    await database["tokens"].update_one({"_id": row["_id"]}, {"$set": {"divisionIds": ["north", "south"]}})
    viewer = await opened(authenticator, token)
    if change:
        await database["tokens"].update_one({"_id": row["_id"]}, {"$set": dict(change)})
    assert await authenticator.still_valid([viewer]) == {viewer: standing}


async def test_who_saw_all_divisions_has_changed_once_he_sees_some(
    database: Database, authenticator: Authenticator
) -> None:
    row, token = await create_token(database, NewToken("Bob", "agent"), ADA, NOON)
    viewer = await opened(authenticator, token)
    await database["tokens"].update_one({"_id": row["_id"]}, {"$set": {"divisionIds": [HOME]}})
    assert await authenticator.still_valid([viewer]) == {viewer: Standing.CHANGED}


async def test_somebody_whose_token_is_gone_stands_as_if_it_were_revoked(
    database: Database, authenticator: Authenticator
) -> None:
    _, token = await create_token(database, NewToken("Bob", "agent"), ADA, NOON)
    viewer = await opened(authenticator, token)
    await database["tokens"].delete_many({})
    assert await authenticator.still_valid([viewer]) == {viewer: Standing.REVOKED}


@pytest.mark.parametrize("token_id", [None, "oidc:1"])
async def test_those_whom_others_vouch_for_stay_until_their_token_expires(
    database: Database, clock: Clock, token_id: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(database.__class__, "__getitem__")  # no collection is asked
    authenticator = Authenticator(database, clock)
    eve = replace(ADA, token_id=token_id, expires_date=NOON + timedelta(seconds=1))
    assert await authenticator.still_valid([eve]) == {eve: Standing.VALID}
    clock.now += timedelta(seconds=1)
    assert await authenticator.still_valid([eve]) == {eve: Standing.EXPIRED}


async def test_any_number_of_viewers_is_asked_for_at_once(database: Database, authenticator: Authenticator) -> None:
    viewers = []
    for name in "ABCDE":
        _, token = await create_token(database, NewToken(name, "agent"), ADA, NOON)
        viewers.append(await opened(authenticator, token))
    await revoke_token(database, viewers[2].token_id or "", ADA, NOON)
    standings = await authenticator.still_valid([*viewers, *viewers])
    assert [viewer.name for viewer, standing in standings.items() if standing is not Standing.VALID] == ["C"]
    assert await authenticator.still_valid([]) == {}


async def test_the_last_use_of_a_token_is_written_in_the_background_and_at_most_once_a_minute(
    database: Database, authenticator: Authenticator, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_uses, "GATHER_SECONDS", 0.01)
    row, token = await create_token(database, NewToken("Bob", "agent"), ADA, NOON)

    async def last_used() -> datetime | None:
        found = await database["tokens"].find_one({"_id": row["_id"]})
        assert found is not None
        date: datetime | None = found.get("lastUsedDate")
        return date

    async with authenticator.running():
        await opened(authenticator, token)
        await until(last_used)
        assert await last_used() == NOON
        clock.now = NOON + QUIET - timedelta(milliseconds=1)
        await opened(authenticator, token)
        assert authenticator._last_uses._waiting == {}
        clock.now = NOON + QUIET
        await opened(authenticator, token)
        assert authenticator._last_uses._waiting == {row["_id"]: NOON + QUIET}
    assert await last_used() == NOON + QUIET


async def test_an_earlier_use_that_another_process_writes_later_changes_nothing(
    database: Database, clock: Clock
) -> None:
    _, token = await create_token(database, NewToken("Bob", "agent"), ADA, NOON)
    for at in (NOON + QUIET, NOON):
        clock.now = at
        async with Authenticator(database, clock).running() as authenticator:
            await opened(authenticator, token)
    found = await database["tokens"].find_one({"name": "Bob"})
    assert found is not None
    assert found["lastUsedDate"] == NOON + QUIET


async def test_who_asks_does_not_wait_for_what_cannot_be_written(
    mongodb_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_uses, "GATHER_SECONDS", 0.01)
    async with await connect(mongodb_url, database.name) as lost:
        pass
    with capture_logs() as logs:
        async with last_uses.LastUses(lost.database).running() as uses:
            uses.used("t", NOON)
    assert {entry["log_level"] for entry in logs} == {"warning"}
