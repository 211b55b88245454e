"""Tokens of an OpenID Connect issuer at the door: what they open, and what is answered when they open nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.access.issuer import AUDIENCE, Issuer, SigningKey, ec_key, running_issuer
from tests.graph.conftest import Api, api_over
from tests.graph.socket_client import socket_to

KEY = ec_key("ec")
VIEWER = "{ viewer { name role } }"


@asynccontextmanager
async def door(mongodb_url: str, *keys: SigningKey) -> AsyncIterator[tuple[Api, Issuer]]:
    async with running_issuer() as issuer:
        if keys:
            issuer.publish(*keys)
        told = {
            "JOURNEY_OIDC_ISSUER": issuer.url,
            "JOURNEY_OIDC_AUDIENCE": AUDIENCE,
            "JOURNEY_OIDC_ROLES": "desk=agent",
        }
        async with api_over(mongodb_url, told) as api:
            yield api, issuer


@pytest.fixture(scope="module")
async def opened(mongodb_url: str) -> AsyncIterator[tuple[Api, Issuer]]:
    async with door(mongodb_url, KEY) as opened:
        yield opened


async def test_a_token_of_the_issuer_opens_what_its_role_may_see(opened: tuple[Api, Issuer]) -> None:
    api, issuer = opened
    token = issuer.token(KEY, roles=["desk"], email="ada@shop.example")
    answer = (await api.post({"query": VIEWER}, token)).json()
    assert answer["data"] == {"viewer": {"name": "ada@shop.example", "role": "agent"}}
    refused = (await api.post({"query": "{ auditLog(first: 1) { nodes { id } } }"}, token)).json()
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_token_of_ours_goes_on_working_beside_it(opened: tuple[Api, Issuer]) -> None:
    assert (await opened[0].ask(VIEWER))["viewer"]["role"] == "admin"


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"roles": ["desk"], "aud": "another"}, id="another audience"),
        pytest.param({"roles": ["desk"], "exp": 1}, id="expired"),
        pytest.param({"roles": ["nobody"]}, id="no role"),
    ],
)
async def test_a_token_that_is_not_good_is_answered_with_401_like_any_other(
    claims: dict[str, object], opened: tuple[Api, Issuer]
) -> None:
    api, issuer = opened
    answer = await api.post({"query": VIEWER}, issuer.token(KEY, None, **claims))
    unknown = await api.post({"query": VIEWER}, "jg_of-nobody")
    assert (answer.status_code, answer.content) == (401, unknown.content)


async def test_while_the_issuer_never_answered_its_tokens_are_to_be_tried_again(mongodb_url: str) -> None:
    async with door(mongodb_url) as (api, issuer):
        token = issuer.token(KEY, roles=["desk"])
        answer = await api.post({"query": VIEWER}, token)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        async with socket_to(api.app, f"Bearer {token}") as socket:
            assert await socket.closed() == (1013, "The OIDC issuer does not answer now: try again")
        assert (await api.ask(VIEWER))["viewer"]["role"] == "admin"
