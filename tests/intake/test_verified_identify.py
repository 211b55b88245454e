"""Verified identify from the request to the database: what is kept, what is not, and what the page is told."""

import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256

import httpx
import jwt
import msgspec
import pytest

from gateway.access.first_keys import ensure_first_keys
from gateway.intake.definitions import DefinitionReader
from gateway.intake.replay import Replay
from gateway.intake.write_keys import WriteKeys
from gateway.intake.writer import Writer
from gateway.journey.definitions import Definitions
from gateway.storage.database import Database
from snippet.collector import Collector

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KNOWN, UNKNOWN = "ada.lovelace@shop.example", "eve.somebody@shop.example"  # of the same length, on purpose


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The collector in front of the real intake."""
    await ensure_first_keys(database, "wk_1", None, lambda: "drawn", NOW)
    async with Writer(database, DefinitionReader(database, Definitions())).running() as writer:
        transport = httpx.ASGITransport(Collector(WriteKeys(database), writer, lambda: NOW))
        async with httpx.AsyncClient(transport=transport, base_url="http://collector.example") as client:
            yield client


@pytest.fixture
async def secret(client: httpx.AsyncClient, database: Database) -> str:  # noqa: ARG001 - it makes the write key
    """The identity secret of the write key."""
    row = await database["writeKeys"].find_one({"key": "wk_1"})
    assert row is not None
    found: str = row["identitySecrets"][0]["value"]
    return found


def signed(secret: str, email: str) -> str:
    return hmac.new(secret.encode(), f"email:{email}".encode(), sha256).hexdigest()


async def identify(
    client: httpx.AsyncClient, message: str, visitor: str, email: str, verification: object = None
) -> httpx.Response:
    call = {
        "type": "identify",
        "messageId": message,
        "anonymousId": visitor,
        "userId": f"id of {email}",
        "traits": {"email": email},
        "context": {"verification": verification} if verification is not None else {},
    }
    answer = await client.post("/v1/batch", json={"writeKey": "wk_1", "batch": [call]})
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer


async def everything(database: Database) -> str:
    """Return all that is stored beside the write keys, as text."""
    names = set(await database.list_collection_names()) - {"writeKeys"}
    rows = [await database[name].find().to_list() for name in sorted(names)]
    return msgspec.json.encode(rows, enc_hook=str).decode()


async def test_a_session_is_authenticated_from_the_first_verified_identity_on(
    client: httpx.AsyncClient, secret: str, database: Database
) -> None:
    seen = []
    verification = {"signatures": {"email": signed(secret, KNOWN)}}
    calls = [("m-1", None), ("m-2", {"signatures": {"email": "0" * 64}}), ("m-3", verification), ("m-4", None)]
    for message, sent in calls:
        await identify(client, message, "visitor-1", KNOWN, sent)
        (session,) = await database["sessions"].find().to_list()
        seen.append(session["authenticated"])
    assert seen == [False, False, True, True]


async def test_neither_signatures_nor_tokens_are_stored(
    client: httpx.AsyncClient, secret: str, database: Database
) -> None:
    signature = signed(secret, KNOWN)
    token = jwt.encode({"email": KNOWN, "exp": int(NOW.timestamp()) + 60}, secret, algorithm="HS256")
    await identify(client, "m-1", "visitor-1", KNOWN, {"signatures": {"email": signature}, "token": token})
    await identify(client, "m-2", "visitor-2", UNKNOWN, {"signatures": {"email": signature}, "token": token + "x"})
    kept = await everything(database)
    assert KNOWN in kept
    assert not any(part in kept for part in (signature, token, "verification", "signatures"))


async def test_an_event_that_is_set_aside_keeps_the_claim_and_not_what_vouched_for_it(
    client: httpx.AsyncClient, secret: str, database: Database
) -> None:
    await database.command("collMod", "events", validator={"customerId": {"$ne": "visitor-1"}})
    signature = signed(secret, KNOWN)
    answer = await identify(client, "m-1", "visitor-1", KNOWN, {"signatures": {"email": signature}})
    assert answer.json()["receipts"][0]["reason"] == "set_aside"
    kept = await everything(database)
    assert KNOWN in kept
    assert signature not in kept
    await database.command("collMod", "events", validator={})
    (row,) = await database["rejectedEvents"].find().to_list()
    definitions = DefinitionReader(database, Definitions())
    assert await Replay(database, definitions)([row["_id"]]) == [row["_id"]]
    (session,) = await database["sessions"].find().to_list()
    assert not session["authenticated"]


@pytest.mark.parametrize("kind", ["no", "right", "wrong", "token", "malformed"])
async def test_the_answer_never_tells_whether_anybody_is_known(
    kind: str, client: httpx.AsyncClient, secret: str, database: Database
) -> None:
    """Answers to known and unknown identities, verified or not, are the same in every byte but the message id."""
    row_before = await identify(client, "m-0", "visitor-0", KNOWN, {"signatures": {"email": signed(secret, KNOWN)}})
    assert KNOWN not in row_before.text

    def verification(email: str) -> object:
        token = jwt.encode({"email": email, "exp": int(NOW.timestamp()) + 60}, secret, algorithm="HS256")
        kinds: dict[str, object] = {
            "right": {"signatures": {"email": signed(secret, email)}},
            "wrong": {"signatures": {"email": "0" * 64}},
            "token": {"token": token},
            "malformed": "nonsense",
        }
        return kinds.get(kind)

    known = await identify(client, "m-1", "visitor-1", KNOWN, verification(KNOWN))
    unknown = await identify(client, "m-2", "visitor-2", UNKNOWN, verification(UNKNOWN))
    assert known.content.replace(b"m-1", b"m-2") == unknown.content
    assert known.headers.raw == unknown.headers.raw
    assert unknown.json() == {
        "success": True,
        "receipts": [{"messageId": "m-2", "status": "accepted"}],
        "actions": [],
    }
    assert await database["events"].count_documents({}) == 3


async def test_the_settings_of_the_tag_hold_no_secret(client: httpx.AsyncClient, secret: str) -> None:
    answer = await client.get("/v1/projects/wk_1/settings")
    assert secret not in answer.text
    assert "dentity" not in answer.text
