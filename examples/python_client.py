"""Ask the gateway who is here, then watch: one query over HTTP, one subscription over a WebSocket.

    python examples/python_client.py --token TOKEN [--url http://127.0.0.1:8000]

The address and the token may also stand in JOURNEY_URL and JOURNEY_TOKEN. Needs `pip install "gql[httpx,websockets]"`.
"""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

from gql import Client, GraphQLRequest, gql
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

RECENT_SESSIONS = gql("""
    query RecentSessions($first: Int!) {
      sessions(first: $first) {
        edges { node { shortId presence createdDate pageviewCount contact { displayName } lastPage { title url } } }
      }
    }
""")

PRESENCE = gql("""
    subscription Presence {
      presence {
        session { shortId presence pageviewCount contact { displayName } lastPage { title url } }
      }
    }
""")

# A session as the documents above ask for it: JSON, so its values are what the server says they are.
Session = Mapping[str, Any]


async def recent_sessions(url: str, token: str, first: int) -> list[Session]:
    """Return the newest sessions, newest first."""
    transport = HTTPXAsyncTransport(url=f"{url}/graphql", headers={"Authorization": f"Bearer {token}"})
    async with Client(transport=transport) as client:
        answer = await client.execute(GraphQLRequest(RECENT_SESSIONS, variable_values={"first": first}))
    return [edge["node"] for edge in answer["sessions"]["edges"]]


async def changes(url: str, token: str) -> AsyncIterator[Session]:
    """Yield each session with recent activity, then each one whose presence or content changes."""
    address = url.replace("http", "ws", 1) + "/graphql"
    transport = WebsocketsTransport(
        url=address,
        init_payload={"Authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as client:
        async for message in client.subscribe(PRESENCE):
            yield message["presence"]["session"]


def describe(session: Session) -> str:
    """Return one line about a session."""
    visitor = (session["contact"] or {}).get("displayName") or "Unknown"
    page = session["lastPage"] or {}
    where = page.get("title") or page.get("url") or "-"
    pages = session["pageviewCount"]
    return f"{session['presence']:8}  #{session['shortId']}  {visitor:24.24}  {pages:3} pages  {where}"


async def main() -> None:
    """Print the recent sessions, then every change until Ctrl-C."""
    options = _options()
    print("Recent:")
    for session in await recent_sessions(options.url, options.token, options.first):
        print(describe(session))
    print("Live:")
    async for session in changes(options.url, options.token):
        print(describe(session))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ask the gateway who is here, then watch.")
    parser.add_argument("--url", default=os.environ.get("JOURNEY_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--token", default=os.environ.get("JOURNEY_TOKEN"), help="printed by `make up`")
    parser.add_argument("--first", type=int, default=10, help="how many recent sessions")
    options = parser.parse_args()
    if not options.token:
        parser.error("a token is needed: --token TOKEN, or JOURNEY_TOKEN in the environment")
    options.url = options.url.rstrip("/")
    return options


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print()
