"""What is limited, asked as clients ask it: how each refusal reads, over HTTP and over a socket."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.graph.conftest import TOKEN, Api, api_over
from tests.graph.socket_client import Socket, acknowledged

VIEWER = "{ viewer { name } }"


@pytest.fixture(scope="module")
async def strict(mongodb_url: str) -> AsyncIterator[Api]:
    """The app with limits that are soon reached."""
    environ = {
        "JOURNEY_MAX_DEPTH": "4",
        "JOURNEY_MAX_ALIASES": "2",
        "JOURNEY_MAX_TOKENS": "60",
        "JOURNEY_MAX_COST": "100",
    }
    async with api_over(mongodb_url, environ) as api:
        yield api


@pytest.mark.parametrize(
    ("document", "variables", "code", "details"),
    [
        pytest.param(
            "{ contacts { nodes { sessions { nodes { id } } } } }",
            {},
            "LIMIT_EXCEEDED",
            {"limit": "depth", "allowed": 4, "sent": 5, "path": ["contacts", "nodes", "sessions", "nodes", "id"]},
            id="depth",
        ),
        pytest.param(
            "{ viewer { a: name b: name c: name } }",
            {},
            "LIMIT_EXCEEDED",
            {"limit": "aliases", "allowed": 2, "sent": 3, "path": ["viewer", "c"]},
            id="aliases",
        ),
        pytest.param(
            "{ viewer {" + " name" * 60 + "} }",
            {},
            "LIMIT_EXCEEDED",
            {"limit": "tokens", "allowed": 60, "sent": 61},
            id="tokens",
        ),
        pytest.param(
            "{ contacts(first: 99) { nodes { id } } }",
            {},
            "COST_EXCEEDED",
            {"limit": "cost", "allowed": 100, "sent": 103},
            id="cost",
        ),
        pytest.param(
            "query($n: Int) { contacts(first: $n) { nodes { id } } }",
            {"n": 99},
            "COST_EXCEEDED",
            {"limit": "cost", "allowed": 100, "sent": 103},
            id="cost by a variable",
        ),
        pytest.param(
            "query($n: Int) { contacts(first: $n) { nodes { id } } }",
            {"n": 1_000_000},
            "BAD_USER_INPUT",
            {"field": "first"},
            id="a page of 1,000,000 by a variable",
        ),
    ],
)
async def test_a_refusal_tells_the_limit_and_what_was_sent(
    strict: Api, document: str, variables: Mapping[str, object], code: str, details: Mapping[str, object]
) -> None:
    answer = await strict.post({"query": document, "variables": variables})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": code, **details}
    assert "data" not in answer.json()
    async with acknowledged(strict.app) as socket:
        await socket.subscribe(document, **variables)
        told = await socket.receive()
        assert (told["type"], told["payload"]) == ("error", [error])


async def test_what_is_within_the_limits_is_answered(strict: Api) -> None:
    assert await strict.ask("{ contacts(first: 95) { nodes { a: id b: id } } }") == {"contacts": {"nodes": []}}


async def refusal_of(api: Api, document: str = VIEWER, token: str = TOKEN) -> dict[str, Any]:
    """Return the error of somebody who asks too much, and check when he may come again."""
    answer = await api.post({"query": document}, token)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert f"{answer.headers['retry-after']} s" in error["message"]
    return dict(error)


async def test_operations_of_a_token_are_limited_and_those_of_others_go_on(mongodb_url: str) -> None:
    async with api_over(mongodb_url, {"JOURNEY_REQUESTS_PER_MINUTE": "2"}) as api:
        made = await api.ask('mutation { createToken(input: {name: "b", role: "agent"}) { secret } }')
        await api.ask(VIEWER)
        await refusal_of(api)
        assert (await api.post({"query": VIEWER}, made["createToken"]["secret"])).status_code == 200


async def test_operations_over_a_socket_count_with_those_over_http(mongodb_url: str) -> None:
    async with api_over(mongodb_url, {"JOURNEY_REQUESTS_PER_MINUTE": "2"}) as api, acknowledged(api.app) as socket:
        await socket.subscribe(VIEWER)
        assert (await socket.receive())["type"] == "next"
        assert (await socket.receive())["type"] == "complete"
        await api.ask(VIEWER)
        await refusal_of(api)
        await socket.subscribe(VIEWER)
        refused = await socket.receive()
        assert refused["type"] == "error"
        assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_the_budget_of_a_token_is_spent_by_what_its_operations_cost_in_fact(mongodb_url: str) -> None:
    page = "{ contacts(first: 200) { nodes { id } } }"
    viewers = "{" + " ".join(f"v{number}: viewer {{ name }}" for number in range(50)) + "}"
    async with api_over(mongodb_url, {"JOURNEY_COST_BUDGET": "300"}) as api, acknowledged(api.app) as socket:
        for _ in range(3):  # nobody is there: what the rows would have cost is given back
            answer = (await api.post({"query": page})).json()
            assert answer["extensions"]["cost"] == {"estimated": 204, "actual": 4}
        answer = (await api.post({"query": viewers})).json()
        assert answer["extensions"]["cost"] == {"estimated": 101, "actual": 101}
        await socket.subscribe(viewers)
        assert (await socket.receive())["type"] == "next"
        assert "costs up to 204" in (await refusal_of(api, page))["message"]
        await api.ask(VIEWER)


VIEWERS = "{" + " ".join(f"v{number}: viewer {{ name }}" for number in range(50)) + "}"
"""It costs 101."""


async def messages(api: Api, socket: Socket, number: int) -> None:
    """Have so many things happen, and wait for the message of each."""
    for _ in range(number):
        await api.happens("ada")
        await socket.told("presence")


async def test_a_message_that_tells_what_is_at_hand_costs_nothing(mongodb_url: str) -> None:
    async with api_over(mongodb_url, {"JOURNEY_COST_BUDGET": "110"}) as api, acknowledged(api.app) as socket:
        await socket.subscribe("subscription { presence { session { id eventCount } } }")
        await messages(api, socket, 10)
        await api.ask(VIEWERS)


async def test_a_message_for_which_something_is_looked_up_costs_it_and_waits_while_the_budget_is_spent(
    mongodb_url: str,
) -> None:
    async with api_over(mongodb_url, {"JOURNEY_COST_BUDGET": "110"}) as api, acknowledged(api.app) as socket:
        await socket.subscribe("subscription { presence { session { contact { id } } } }")
        await messages(api, socket, 5)
        await refusal_of(api, VIEWERS)
        for _ in range(100):  # spend the rest
            if (await api.post({"query": VIEWER})).status_code != 200:
                break
        await messages(api, socket, 1)


async def test_requests_of_an_address_are_limited_whoever_asks(mongodb_url: str) -> None:
    async with api_over(mongodb_url, {"JOURNEY_ADDRESS_REQUESTS_PER_MINUTE": "102"}) as api:
        assert (await api.post({"query": VIEWER}, "jg_of-nobody")).status_code == 401  # counts a hundred more
        assert (await api.post({"query": VIEWER})).status_code == 200
        await refusal_of(api)
        await refusal_of(api, token="jg_of-nobody")  # noqa: S106 - it opens nothing
