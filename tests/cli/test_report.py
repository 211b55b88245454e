"""`journey-gateway report`: the card of an outcome's predictions, printed or as a page."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.cli.failures import CommandError
from gateway.cli.report import Row, found, slug_of
from gateway.prediction.full_training import train_fully
from gateway.storage.definitions import OUTCOMES, add_definition
from gateway.storage.preparation import prepare
from tests.cli.workplace import Workplace
from tests.prediction.collected_visits import collect
from tests.prediction.past_visits import ORDER, visits
from tests.prediction.test_full_training import NOW, TIMEOUT

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


async def define(workplace: Workplace, id_: str, name: str, event_name: str | None) -> None:
    row = {"_id": id_, "displayName": name, "eventName": event_name, "isActive": True, "isPositive": True}
    more = {"version": 1, "createdDate": MOMENT, "modifiedDate": MOMENT}
    await add_definition(workplace.connection.database, OUTCOMES, {**row, **more})


@pytest.fixture
async def trained(workplace: Workplace) -> Workplace:
    """A learned model of orders, and an outcome that nothing is known about."""
    await prepare(workplace.connection)
    await define(workplace, ORDER.id, "<b>Order</b> & more", ORDER.event_name)
    await define(workplace, "o-2", "Sign-up", "user_signed_up")
    await collect(workplace.connection.database, visits(500))
    await train_fully(workplace.connection.database, [ORDER], NOW, TIMEOUT)
    return workplace


async def test_the_report_is_printed_or_written_as_a_page(trained: Workplace, tmp_path: Path) -> None:
    printed = await trained.run("report", "order_completed")
    assert printed.code == 0, printed.errors
    assert "A learned model serves" in printed.output
    assert "<b>Order</b> & more" in printed.output
    file = tmp_path / "order.html"
    written = await trained.run("report", "order_completed", "--html", file)
    assert written.output == f"The report is in {file}.\n"
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "&lt;b&gt;Order&lt;/b&gt; &amp; more" in page
    assert "<b>Order" not in page
    assert "ROC curve, with an area of" in page
    piped = await trained.run("report", "sign-up", "--html", "-")
    assert piped.output.startswith("<!doctype html>")
    assert "Nothing has been learned yet" in piped.output


async def test_what_cannot_be_reported_is_told_in_one_line(trained: Workplace, tmp_path: Path) -> None:
    for arguments, words in (
        (["Sigh-up"], "There is no outcome 'Sigh-up'. Did you mean 'Sign-up'?"),
        (["Sign-up", "page.html"], "FILE is 'page.html': add --html"),
        (["Sign-up", "--html", tmp_path / "nowhere" / "page.html"], "cannot be written (No such file"),
    ):
        told = await trained.run("report", *arguments)
        assert (told.code, told.errors.count("\n")) == (1, 1), told.errors
        assert words in told.errors


ROWS: list[Row] = [
    {"_id": "a1", "displayName": "Order", "eventName": "order_completed"},
    {"_id": "a2", "displayName": "order", "eventName": "order_completed"},
    {"_id": "a3", "displayName": "Booking", "eventName": None},
]


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        pytest.param("a3", "a3", id="its id"),
        pytest.param("Order", "a1", id="its name"),
        pytest.param("order", "a2", id="its name, in a case of its own"),
        pytest.param("BOOKING", "a3", id="its name in another case"),
    ],
)
def test_an_outcome_is_found_by(name: str, id_: str) -> None:
    assert found(ROWS, name)["_id"] == id_


@pytest.mark.parametrize(
    ("rows", "name", "words"),
    [
        pytest.param(ROWS, "Bookings", "Did you mean 'Booking'?", id="nearly spelt so"),
        pytest.param(ROWS, "zzz", "There are 'Order', 'order', 'Booking'.", id="nothing like it"),
        pytest.param(ROWS, "order_completed", "is several outcomes: 'Order', 'order'", id="two of one event"),
        pytest.param(ROWS, "ORDER", "is several outcomes: 'Order', 'order'", id="two that differ in case"),
        pytest.param([], "Order", "There is no outcome yet", id="none defined"),
        pytest.param(
            [{"_id": f"b{number}", "displayName": f"Goal {number}"} for number in range(12)],
            "zzz",
            "'Goal 9' and 2 more.",
            id="too many to name",
        ),
    ],
)
def test_an_outcome_that_is_not_there_is_told_with_those_that_are(rows: list[Row], name: str, words: str) -> None:
    with pytest.raises(CommandError) as error:
        found(rows, name)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        pytest.param("Order", "order", id="a word"),
        pytest.param("Find warranty, or return policy!", "find-warranty-or-return-policy", id="a sentence"),
        pytest.param("../../etc/passwd", "etc-passwd", id="a path"),
        pytest.param("注文", "", id="other letters"),
        pytest.param("x" * 500, "x" * 60, id="a long one"),
    ],
)
def test_a_file_is_named_after_its_outcome(name: str, slug: str) -> None:
    assert slug_of(name) == slug
