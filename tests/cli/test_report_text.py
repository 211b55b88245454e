from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from gateway.cli.report_text import print_report, seen
from gateway.prediction.report import ModelReport
from tests.cli.report_page.reports import CARD, HOSTILE, NEW, REPORT, SHARED


def printed(report: ModelReport) -> str:
    console = Console(file=StringIO(), width=140, force_terminal=False)
    print_report(report, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("report", "words"),
    [
        pytest.param(REPORT, "● A learned model serves", id="what serves"),
        pytest.param(REPORT, "0.7600  Take a visit", id="figures with what they mean"),
        pytest.param(REPORT, "60.0 %  66.0 %        50", id="calibration"),
        pytest.param(REPORT, "123456  reached it   60.0 %      4  1:30  ▃▆█✓", id="a visit that reached the outcome"),
        pytest.param(REPORT, "654321  did not", id="a visit that did not"),
        pytest.param(REPORT, "/cart  /p/*", id="page groups"),
        pytest.param(REPORT, "Does not serve: it is worse.", id="versions"),
        pytest.param(SHARED, "What is told, by pages viewed so far", id="shares"),
        pytest.param(NEW, "Run `journey-gateway train`", id="what to do without a model"),
        pytest.param(replace(REPORT, serving=replace(CARD, quality=None)), "Page groups", id="a model without figures"),
    ],
)
def test_the_terminal_shows(report: ModelReport, words: str) -> None:
    assert words in printed(report)


def test_what_others_have_named_gives_a_terminal_no_commands() -> None:
    text = printed(HOSTILE)
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "<script>alert(1)</script>" in text


def test_names_in_square_brackets_are_no_styles() -> None:
    assert "[red]Order[/red]" in printed(
        replace(REPORT, outcome=replace(REPORT.outcome, display_name="[red]Order[/red]"))
    )
    assert seen("Bücher, 25\u00a0%") == "Bücher, 25\u00a0%"
