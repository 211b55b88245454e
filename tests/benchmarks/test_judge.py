import gzip
import json
from collections.abc import Mapping
from math import isnan, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.judge import Figures, Goal, calibration_error, judge, markdown, objects_of, probabilities_of
from benchmarks.processes import Failed
from gateway.prediction.quality import Floats

ORDER = Goal("Order Completed")


def page(visitor: str, message: str) -> dict[str, object]:
    return {"type": "page", "anonymousId": visitor, "messageId": message}


def track(visitor: str, event: str, **properties: object) -> dict[str, object]:
    return {"type": "track", "anonymousId": visitor, "event": event, "properties": properties}


def floats(*values: float) -> Floats:
    return np.asarray(values, dtype=np.float64)


def named(rows: list[Figures]) -> Mapping[str, Figures]:
    return {row.told_after: row for row in rows}


CALLS = [
    page("buys", "b1"),
    page("leaves", "l1"),
    page("buys", "b2"),
    track("buys", "Order Completed"),
    page("buys", "after the order"),
    track("never saw a page", "Order Completed"),
]
TOLD = {"b1": 0.25, "l1": 0.5, "b2": 0.75}


def test_each_visitor_counts_once_after_each_number_of_pages() -> None:
    rows = named(judge(CALLS, TOLD, ORDER))
    assert {name: row.count for name, row in rows.items()} == {
        "1 page": 2,
        "2 pages": 1,
        "the last page": 2,
        "every page": 3,
    }
    assert rows["1 page"].auc == 0.0
    assert isnan(rows["2 pages"].auc)
    assert rows["the last page"].auc == 1.0
    assert rows["1 page"].log_loss == pytest.approx(-(log(0.25) + log(0.5)) / 2)
    assert rows["the last page"].brier == pytest.approx((0.25**2 + 0.5**2) / 2)


def test_over_every_page_a_visitor_weighs_one_however_many_pages_it_has_seen() -> None:
    every = named(judge(CALLS, TOLD, ORDER))["every page"]
    assert every.auc == pytest.approx(0.5)
    assert every.brier == pytest.approx(((0.75**2 + 0.25**2) / 2 + 0.5**2) / 2)
    assert every.calibration_error == pytest.approx((0.75 / 2 + 0.25 / 2 + 0.5) / 2)


def test_pages_from_the_outcome_on_need_no_probability() -> None:
    assert "after the order" not in TOLD
    assert judge(CALLS, TOLD, ORDER)


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        pytest.param([page("leaves", "l9")], "1 page calls have no probability, the first is l9", id="none was told"),
        pytest.param([track("buys", "Order Completed")], "no page", id="no page call"),
    ],
)
def test_what_cannot_be_judged_is_told(calls: list[dict[str, object]], words: str) -> None:
    with pytest.raises(Failed, match=words):
        judge(calls, TOLD, ORDER)


@pytest.mark.parametrize(
    ("goal", "call", "expected"),
    [
        pytest.param(ORDER, track("v", "Order Completed"), True, id="its event"),
        pytest.param(Goal("order_completed"), track("v", "Order Completed"), True, id="in another spelling"),
        pytest.param(ORDER, track("v", "Product Added"), False, id="another event"),
        pytest.param(ORDER, page("v", "m") | {"event": "Order Completed"}, False, id="a page call"),
        pytest.param(Goal("page_viewed"), page("v", "m"), True, id="page calls themselves"),
        pytest.param(Goal("Order", {"kind": "gift"}), track("v", "Order", kind="gift"), True, id="its attribute"),
        pytest.param(Goal("Order", {"kind": "gift"}), track("v", "Order", kind="own"), False, id="another value"),
        pytest.param(Goal("Order", {"kind": "gift"}), track("v", "Order"), False, id="no attribute"),
        pytest.param(Goal("Order", {"items": "2"}), track("v", "Order", items=2.0), True, id="a number as a text"),
        pytest.param(Goal("Order", {"new": "true"}), track("v", "Order", new=True), True, id="a yes as a text"),
    ],
)
def test_the_outcome_is_an_event_by_its_name_and_attributes(
    goal: Goal, call: dict[str, object], *, expected: bool
) -> None:
    assert goal.is_reached_by(call) is expected


@given(st.permutations([(0.5, 1.0, 1.0), (0.5, 0.0, 1.0), (0.5, 0.0, 0.5), (0.2, 1.0, 0.5), (0.9, 0.0, 1.0)]))
def test_the_calibration_error_does_not_hang_on_the_order_of_the_file(rows: list[tuple[float, float, float]]) -> None:
    """Lowest first, and of the equal ones misses before hits, light before heavy: bins of two and three."""
    told, came, weight = (floats(*column) for column in zip(*rows, strict=True))
    first, second = 0.5 * (0.2 - 1) + 0.5 * 0.5, 1 * 0.5 - 1 * 0.5 + 1 * 0.9
    assert calibration_error(told, came, weight, bins=2) == pytest.approx((abs(first) + abs(second)) / 4)


def test_probabilities_by_which_one_can_reckon_have_no_calibration_error() -> None:
    assert calibration_error(floats(0.5, 0.5, 1, 1), floats(0, 1, 1, 1), np.ones(4), bins=2) == 0


def test_figures_become_a_table_without_what_is_not_known() -> None:
    table = markdown([Figures("1 page", 1200, 0.5, 0.25, 0.125), Figures("every page", 2, 1, 0, 0, 0.01)])
    assert table.splitlines()[2:] == [
        "| 1 page | 1,200 | 0.5000 | 0.2500 | 0.1250 |  |",
        "| every page | 2 | 1.0000 | 0.0000 | 0.0000 | 0.0100 |",
    ]


def test_files_are_read_plain_or_packed(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"messageId": name, "probability": told}) + "\n" for name, told in TOLD.items())
    plain, packed = tmp_path / "told.ndjson", tmp_path / "told.ndjson.gz"
    plain.write_text(lines)
    packed.write_bytes(gzip.compress(lines.encode()))
    assert probabilities_of(plain) == probabilities_of(packed) == TOLD


@pytest.mark.parametrize("line", [pytest.param("[1]", id="a list"), pytest.param("{", id="half an object")])
def test_a_line_that_is_no_object_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "calls.ndjson"
    file.write_text(f"{json.dumps(page('v', 'm'))}\n{line}\n")
    with pytest.raises(Failed, match="line 2"):
        list(objects_of(file))
