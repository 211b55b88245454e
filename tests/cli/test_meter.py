"""How far a command has come: a bar for people, a line now and then for logs."""

from io import StringIO

import pytest
from rich.console import Console

from gateway.cli import meter as meter_module
from gateway.cli.meter import meter


def shown_on(console: Console) -> None:
    with meter("calls.ndjson", 200, console) as shown:
        shown.show(50, "10 events · [5/s]")
        shown.show(200, "40 events · [5/s]")


def test_a_terminal_shows_a_bar_with_the_share_of_the_file() -> None:
    output = StringIO()
    shown_on(Console(file=output, force_terminal=True, width=120))
    assert "100%" in output.getvalue()
    assert "40 events · [5/s]" in output.getvalue()


def test_a_file_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter_module, "PLAIN_LINE_EVERY_SECONDS", 0)
    output = StringIO()
    shown_on(Console(file=output))
    assert output.getvalue() == "calls.ndjson: 25% · 10 events · [5/s]\ncalls.ndjson: 100% · 40 events · [5/s]\n"


def test_a_short_run_writes_no_line_at_all() -> None:
    output = StringIO()
    shown_on(Console(file=output))
    assert output.getvalue() == ""
