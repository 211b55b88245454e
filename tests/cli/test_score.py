"""`journey-gateway score`: what would have been told, page by page."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_train import define, visit
from tests.cli.workplace import Workplace

WriteCalls = Callable[..., Path]


async def test_each_page_call_before_the_outcome_gets_a_line_and_nothing_is_stored(
    workplace: Workplace, write_calls: WriteCalls, tmp_path: Path
) -> None:
    calls = [call for visitor in range(40) for call in visit(visitor, buys=visitor % 4 == 0)]
    file = write_calls(*calls)
    await workplace.run("import", file)
    await define(workplace, "Order", "order_completed")
    await workplace.run("train")
    again = [call | {"messageId": f"again {call['messageId']}"} for call in calls]
    again.append(again[2] | {"type": "page", "messageId": "after the order"})
    output = tmp_path / "told.ndjson.gz"
    told = await workplace.run("score", write_calls(*again), "--outcome", "Order", "--output", output)
    assert told.code == 0, told.errors
    with gzip.open(output, "rt") as told_lines:
        lines = [json.loads(line) for line in told_lines]
    assert [line["messageId"] for line in lines] == [c["messageId"] for c in again[:-1] if c["type"] == "page"]
    assert all(0 < line["probability"] < 1 for line in lines)
    assert "80 page calls scored, 0 lines refused" in told.output
    assert await workplace.connection.database["events"].count_documents({}) == len(calls)


@pytest.mark.parametrize(
    ("outcome", "name", "words"),
    [
        pytest.param("Order", "told.ndjson", "'Order' has no model yet", id="not trained"),
        pytest.param("Oder", "told.ndjson", "--outcome is 'Oder'", id="a wrong name"),
        pytest.param("Order", "nowhere/told.ndjson", "cannot be written", id="a folder that is not there"),
    ],
)
async def test_what_cannot_be_scored_is_told_in_one_line(
    workplace: Workplace, write_calls: WriteCalls, tmp_path: Path, outcome: str, name: str, words: str
) -> None:
    await define(workplace, "Order", "order_completed")
    if "nowhere" in name:
        await workplace.run("train")
    told = await workplace.run("score", write_calls(), "--outcome", outcome, "--output", tmp_path / name)
    assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
    assert words in told.errors
