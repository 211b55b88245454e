"""gql, the client of examples/python_client.py: queries over HTTP, subscriptions over graphql-transport-ws."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.running_server import ADMIN_TOKEN, PATIENCE_SECONDS, RunningServer

SESSIONS = gql("{ sessions(first: 5) { edges { cursor node { shortId customerId presence eventCount } } } }")
PRESENCE = gql("""
subscription Presence($after: String) {
  presence(after: $after) { cursor session { customerId presence eventCount lastEvent { eventName } } }
}
""")
CONTACT = "query Contact($value: String!) { contactByIdentifier(type: COOKIE, value: $value) { id } }"
JOURNEY = gql("""
subscription Journey($contactId: ID!, $after: String) {
  journey(contactId: $contactId, after: $after) { cursor event { eventName } session { eventCount } }
}
""")
AUTHORIZATION = {"Authorization": f"Bearer {ADMIN_TOKEN}"}

Messages = AsyncIterator[Mapping[str, Any]]


@asynccontextmanager
async def subscription(
    server: RunningServer, document: GraphQLRequest, token: str = ADMIN_TOKEN, **variables: object
) -> AsyncIterator[Messages]:
    """Subscribe on a socket of its own; each message arrives in time or the test fails."""
    transport = WebsocketsTransport(
        url=f"{server.url.replace('http', 'ws', 1)}/graphql",
        init_payload={"Authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as session:
        messages = session.subscribe(GraphQLRequest(document, variable_values=variables))
        async with aclosing(messages), aclosing(_in_time(messages)) as timed:
            yield timed


async def _in_time(messages: Messages) -> AsyncGenerator[Mapping[str, Any]]:
    while True:
        async with asyncio.timeout(PATIENCE_SECONDS):
            message = await anext(messages)
        yield message


async def next_about(visitor: str, messages: Messages) -> Mapping[str, Any]:
    """Return the next message of `presence` that is about this visitor."""
    return await anext(
        message["presence"]["session"]
        async for message in messages
        if message["presence"]["session"]["customerId"] == visitor
    )


def track(visitor: str, event: str) -> Mapping[str, object]:
    return {"type": "track", "event": event, "anonymousId": visitor}


async def test_a_query_over_http_finds_the_newest_session(server: RunningServer, visitor: str) -> None:
    await server.send(track(visitor, "Video Started"))
    transport = HTTPXAsyncTransport(url=f"{server.url}/graphql", headers=AUTHORIZATION, trust_env=False)
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        newest = (await session.execute(SESSIONS))["sessions"]["edges"][0]["node"]
    assert (newest["customerId"], newest["presence"], newest["eventCount"]) == (visitor, "LIVE", 1)


async def test_a_subscription_begins_with_who_is_there_and_goes_on_with_changes(
    server: RunningServer, visitor: str
) -> None:
    await server.send(track(visitor, "Video Started"))
    async with subscription(server, PRESENCE) as messages:
        assert (await next_about(visitor, messages))["eventCount"] == 1
        await server.send(track(visitor, "Video Ended"))
        assert await next_about(visitor, messages) == {
            "customerId": visitor,
            "presence": "LIVE",
            "eventCount": 2,
            "lastEvent": {"eventName": "video_ended"},
        }


async def test_a_subscriber_that_comes_back_misses_nothing_and_sees_nothing_twice(
    server: RunningServer, visitor: str
) -> None:
    numbers = itertools.count(1)

    async def send_next() -> int:
        number = next(numbers)
        await server.send(track(visitor, f"Call {number}"))
        return number

    async def receive(messages: Messages) -> tuple[int, str]:
        message = (await anext(messages))["journey"]
        return int(message["event"]["eventName"].removeprefix("call_")), message["cursor"]

    await send_next()
    contact = (await server.query(CONTACT, value=visitor))["contactByIdentifier"]["id"]
    async with subscription(server, JOURNEY, contactId=contact) as messages:
        first = asyncio.create_task(receive(messages))
        while not first.done():  # no message says from when on it follows
            await send_next()
            await asyncio.sleep(0.2)
        begun, cursor = await first
    missed = [await send_next() for _ in range(3)][-1]
    async with subscription(server, JOURNEY, contactId=contact, after=cursor) as messages:
        received = [(await receive(messages))[0] for _ in range(begun, missed)]
        await send_next()
        received.append((await receive(messages))[0])
    assert received == list(range(begun + 1, missed + 2))


async def test_without_a_token_there_is_no_answer(server: RunningServer) -> None:
    transport = HTTPXAsyncTransport(url=f"{server.url}/graphql", trust_env=False)
    with pytest.raises(TransportQueryError, match="bearer token is needed"):
        async with Client(transport=transport) as session:
            await session.execute(SESSIONS)
    with pytest.raises(TransportConnectionFailed):
        async with subscription(server, PRESENCE, token="jg_of-somebody-else"):  # noqa: S106 - opens nothing
            pass
