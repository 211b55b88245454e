"""What can be followed live over graphql-transport-ws, spoken to the app itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.graph.close_codes import CloseCode
from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of
from tests.graph.conftest import TOKEN, Api
from tests.graph.socket_client import Socket, socket_to

PRESENCE = """subscription($after: String) { presence(after: $after) {
    cursor session { presence eventCount contact { identifiers { value } } } } }"""
JOURNEY = """subscription($id: ID!, $after: String) { journey(contactId: $id, after: $after) {
    cursor event { eventName } session { eventCount } contact { id } } }"""
PREDICTIONS = """subscription($id: ID) { predictions(outcomeId: $id) {
    cursor prediction { probability outcome { displayName } } session { id } } }"""


@asynccontextmanager
async def subscribed(api: Api, document: str, **variables: object) -> AsyncIterator[Socket]:
    async with socket_to(api.app) as socket:
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.subscribe(document, **variables)
        yield socket


def shown(presence: dict[str, Any]) -> str:
    session = presence["session"]
    return f"{session['contact']['identifiers'][0]['value']} {session['eventCount']} {session['presence']}"


async def test_presence_tells_who_is_there_who_comes_and_who_falls_silent(api: Api) -> None:
    await api.happens("bob", ago=43.5)
    async with subscribed(api, PRESENCE) as socket:
        assert shown(await socket.told("presence")) == "bob 1 LIVE"
        away = await socket.told("presence")
        assert shown(away) == "bob 1 AWAY"
        await api.happens("ada")
        assert shown(await socket.told("presence")) == "ada 1 LIVE"
        await api.happens("bob")
        assert shown(await socket.told("presence")) == "bob 2 LIVE"
    async with subscribed(api, PRESENCE, after=away["cursor"]) as socket:
        assert shown(await socket.told("presence")) == "ada 1 LIVE"
        assert shown(await socket.told("presence")) == "bob 2 LIVE"


async def test_a_journey_tells_each_event_and_goes_on_from_a_cursor(api: Api) -> None:
    contact_id = to_global_id("Contact", contact_id_of("cookie", "ada"))
    await api.happens("ada", ago=5)
    async with subscribed(api, PRESENCE) as socket:
        start = (await socket.told("presence"))["cursor"]
    await api.happens("ada", "track", event="Cart Viewed")
    await api.happens("bob")
    async with subscribed(api, JOURNEY, id=contact_id, after=start) as socket:
        told = await socket.told("journey")
        assert told["event"] == {"eventName": "cart_viewed"}
        assert (told["session"], told["contact"]) == ({"eventCount": 2}, {"id": contact_id})
        await api.happens("ada", "track", event="Order Completed")
        assert (await socket.told("journey"))["event"] == {"eventName": "order_completed"}


async def test_predictions_are_told_as_they_are_made(api: Api) -> None:
    create = 'mutation { createOutcome(input: {displayName: "Order", eventName: "x"}) { outcome { id } } }'
    outcome_id = (await api.ask(create))["createOutcome"]["outcome"]["id"]
    async with subscribed(api, PREDICTIONS, id=outcome_id) as socket:
        telling = asyncio.create_task(socket.told("predictions"))
        while not telling.done():  # until the subscription has begun
            await api.happens("ada")
            await asyncio.sleep(0.1)
        prediction = (await telling)["prediction"]
    assert prediction["outcome"] == {"displayName": "Order"}
    assert 0 < prediction["probability"] < 1


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer \ud7ff", TOKEN])
async def test_without_a_token_that_we_know_the_socket_is_closed(api: Api, authorization: str | None) -> None:
    async with socket_to(api.app, authorization) as socket:
        assert await socket.receive() == {"closed": CloseCode.FORBIDDEN}


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        pytest.param(PRESENCE, {"after": "nonsense"}, "BAD_CURSOR", id="no cursor"),
        pytest.param(JOURNEY, {"id": "nonsense"}, "BAD_USER_INPUT", id="no id"),
        pytest.param("subscription { nothing }", {}, "BAD_QUERY", id="no such subscription"),
    ],
)
async def test_what_cannot_be_followed_is_refused_with_a_code(
    api: Api, document: str, variables: dict[str, object], code: str
) -> None:
    async with subscribed(api, document, **variables) as socket:
        message = await socket.receive()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert errors[0]["extensions"]["code"] == code
