"""Two processes that hear of the same new e-mail address at the same moment, a thousand times."""

import asyncio
from itertools import count

import httpx
from pymongo import AsyncMongoClient

from benchmarks.figures import Bench, Figure
from benchmarks.server import DATABASE, WRITE_KEY, gateway_server

ROUNDS_AT_ONCE = 20


def measure_identify_race(bench: Bench) -> list[Figure]:
    """Rounds in which two servers over one MongoDB are told of one new e-mail address by two cookies at once.

    Exact is: every address has one holder and one customer, the other visitor is linked to it, and nobody else is.
    """
    with gateway_server() as one, gateway_server({"JOURNEY_MONGODB_URL": one.mongodb_url}) as other:
        bench.say(f"identify race: {bench.scale.race_rounds:,} rounds")
        asyncio.run(_race((one.url, other.url), bench.scale.race_rounds))
        customers, links, holders = asyncio.run(_count(one.mongodb_url))
    rounds = bench.scale.race_rounds
    return [
        Figure(
            "identify race of two processes",
            f"{customers:,} customers, {holders:,} holders, {links:,} links in {rounds:,} rounds",
            f"{rounds:,} new e-mail addresses, each told by two cookies to two servers at once",
            "one customer a round",
            (customers, holders, links) == (rounds, rounds, rounds),
        )
    ]


async def _race(urls: tuple[str, str], rounds: int) -> None:
    numbers = count()

    async def run(client: httpx.AsyncClient) -> None:
        while (number := next(numbers)) < rounds:
            answers = await asyncio.gather(
                *(client.post(f"{url}/v1/identify", json=_call(url, number)) for url in urls)
            )
            for answer in answers:
                answer.raise_for_status()

    async with httpx.AsyncClient(timeout=60, trust_env=False) as client, asyncio.TaskGroup() as group:
        for _ in range(ROUNDS_AT_ONCE):
            group.create_task(run(client))


def _call(url: str, number: int) -> dict[str, object]:
    visitor = f"{url}-{number}"
    return {
        "writeKey": WRITE_KEY,
        "messageId": visitor,
        "anonymousId": visitor,
        "traits": {"email": f"person-{number}@mail.example"},
    }


async def _count(mongodb_url: str) -> tuple[int, int, int]:
    """Return how many customers, links, and holders there are."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(mongodb_url)
    async with client:
        database = client[DATABASE]
        return (
            await database["contacts"].count_documents({"ancestors": {"$exists": False}}),
            await database["identityEdges"].count_documents({}),
            await database["identifiers"].count_documents({}),
        )
