"""`journey-gateway train`: learn now, and show what was learned."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.storage.definitions import OUTCOMES, add_definition
from tests.cli.workplace import Call, Workplace

WriteCalls = Callable[..., Path]


def visit(visitor: int, *, buys: bool) -> list[Call]:
    start = datetime.now(UTC) - timedelta(days=1)
    kinds: list[Call] = [{"type": "page"}, {"type": "page"}]
    if buys:
        kinds.append({"type": "track", "event": "Order Completed"})
    return [
        {
            **kind,
            "messageId": f"{visitor} {step}",
            "anonymousId": f"visitor {visitor}",
            "timestamp": (start + timedelta(seconds=step)).isoformat(),
        }
        for step, kind in enumerate(kinds)
    ]


async def define(workplace: Workplace, name: str, event_name: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    row = {"_id": name, "displayName": name, "eventName": event_name, "isActive": True, "isPositive": True}
    await add_definition(
        workplace.connection.database, OUTCOMES, {**row, "version": 1, "createdDate": moment, "modifiedDate": moment}
    )


async def test_the_table_shows_what_past_visits_tell(workplace: Workplace, write_calls: WriteCalls) -> None:
    calls = [call for visitor in range(40) for call in visit(visitor, buys=visitor % 4 == 0)]
    await workplace.run("import", write_calls(*calls))
    await define(workplace, "Order", "order_completed")
    await define(workplace, "Sign-up", "user_signed_up")
    told = await workplace.run("train")
    assert told.code == 0, told.errors
    rows = [[cell.strip() for cell in line.split("│")] for line in told.output.splitlines() if "BASE_RATE" in line]
    assert [row[1:5] for row in rows] == [["Order", "BASE_RATE", "40", "10"], ["Sign-up", "BASE_RATE", "40", "0"]]
    assert "Order: Shares by page views serve, as there is too little to learn from: 300 sessions" in told.output
    assert await workplace.connection.database["predictionModels"].count_documents({}) == 2
    one = await workplace.run("train", "--outcome", "order_completed")
    assert one.output.count("BASE_RATE") == 1


@pytest.mark.parametrize(
    ("outcomes", "options", "words"),
    [
        pytest.param([], [], "There is no active outcome yet", id="none at all"),
        pytest.param([("Order", "order_completed")], ["--outcome", "Oder"], "--outcome is 'Oder'", id="a wrong name"),
    ],
)
async def test_what_cannot_be_trained_is_told_in_one_line(
    workplace: Workplace, outcomes: list[tuple[str, str]], options: list[str], words: str
) -> None:
    for name, event_name in outcomes:
        await define(workplace, name, event_name)
    told = await workplace.run("train", *options)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert told.errors.startswith(f"journey-gateway: {words}")
