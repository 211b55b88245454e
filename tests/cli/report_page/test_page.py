"""The page as its readers, human or not, take it in."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from math import nan

import pytest

from gateway.cli.report_page.page import report_page
from gateway.prediction.report import ModelReport
from tests.cli.report_page.reports import CARD, DRIFT, EVIL, HOSTILE, NEW, QUALITY, REPORT, SHARED
from tests.cli.report_page.test_elements import Read

BROKEN = replace(REPORT, is_broken=True, status="The learned model cannot be read.")
ALARMED = replace(REPORT, serving=replace(CARD, drift=replace(DRIFT, is_alarming=True, status="No longer.")))
UNMEASURED = replace(REPORT, serving=replace(CARD, drift=None))
OLD = replace(REPORT, serving=replace(CARD, quality=replace(QUALITY, roc=())))
ONE_SIDED = replace(
    REPORT, serving=replace(CARD, quality=replace(QUALITY, auc=nan, calibration_error=nan, calibration=(), roc=()))
)
INACTIVE = replace(REPORT, outcome=replace(REPORT.outcome, is_active=False))


def read(report: ModelReport) -> Read:
    return Read(report_page(report))


@pytest.mark.parametrize(
    ("report_", "words"),
    [
        pytest.param(REPORT, "A learned model serves", id="a learned model"),
        pytest.param(REPORT, "1 Apr 2026, 09:30 UTC", id="when it was trained"),
        pytest.param(REPORT, "2 Mar to 31 Mar 2026", id="the span of its data"),
        pytest.param(REPORT, "370 (37.0 %)", id="how many reached the outcome"),
        pytest.param(REPORT, "in 76 of 100 such pairs", id="what the AUC means"),
        pytest.param(REPORT, "0.6590 without a model", id="what log-loss is compared with"),
        pytest.param(REPORT, "1.1 percentage points away", id="what the calibration error means"),
        pytest.param(REPORT, "To find 55.0 %", id="a point of the ROC curve"),
        pytest.param(REPORT, "how often at /page-0", id="features in words"),
        pytest.param(REPORT, "As told: it came.", id="drift"),
        pytest.param(REPORT, "Served: its log-loss", id="a version that was replaced"),
        pytest.param(REPORT, "Does not serve: it is worse.", id="a version that was rejected"),
        pytest.param(ALARMED, "can no longer be taken by its word", id="a drift alarm"),
        pytest.param(UNMEASURED, "Not measured yet", id="drift that was not measured"),
        pytest.param(OLD, "train again to draw it", id="a model stored without its curve"),
        pytest.param(ONE_SIDED, "all ended alike", id="a model judged on sessions that all ended alike"),
        pytest.param(SHARED, "Shares by page views serve", id="shares"),
        pytest.param(BROKEN, "in place of a broken model", id="a broken model"),
        pytest.param(BROKEN, "What is told instead", id="what a broken model is replaced by"),
        pytest.param(NEW, "Nothing has been learned yet", id="no model"),
        pytest.param(NEW, "journey-gateway train", id="what to do without a model"),
        pytest.param(INACTIVE, "Not active: nothing is predicted", id="an outcome that is not active"),
    ],
)
def test_the_page_tells(report_: ModelReport, words: str) -> None:
    assert words in read(report_).text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    "report_", [pytest.param(REPORT, id="of a learned model"), pytest.param(SHARED, id="of shares")]
)
def test_every_plot_has_a_label_and_a_table(report_: ModelReport) -> None:
    tags = read(report_).tags
    plots = [of for tag, of in tags if tag == "svg" and of.get("class") == "plot"]
    assert plots
    assert all(of.get("role") == "img" and of.get("aria-label") for of in plots)
    figures = re.findall(r"<figure>.*?</figure>", report_page(report_), re.DOTALL)
    assert len(figures) == len(plots)
    assert all("<table>" in figure for figure in figures)


def test_the_page_needs_nothing_beside_itself_and_allows_nothing_else() -> None:
    page = report_page(REPORT)
    tags = read(REPORT).tags
    assert not {"script", "iframe", "object", "embed", "form", "img"} & {tag for tag, _ in tags}
    addresses = [of[name] for _, of in tags for name in ("src", "href") if name in of]
    assert all(address and address.startswith("data:") for address in addresses)
    assert "style" not in {name for _, of in tags for name in of}
    [policy] = [of["content"] or "" for _, of in tags if of.get("http-equiv") == "Content-Security-Policy"]
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert "url(" not in style
    assert "@import" not in style


def test_what_others_have_named_stays_text() -> None:
    evil = read(HOSTILE)
    harmless = read(
        replace(HOSTILE, outcome=replace(REPORT.outcome, event_name=None), description="x", status="x", visits=())
    )
    assert {tag for tag, _ in evil.tags} >= {tag for tag, _ in harmless.tags}
    assert not {"script", "img"} & {tag for tag, _ in evil.tags}
    assert not {name for _, of in evil.tags for name in of if name.startswith("on")}
    assert evil.text.count("<script>alert(1)</script>") >= 10
    assert EVIL in evil.text


def test_samples_are_marked_where_they_reached_the_outcome() -> None:
    page = report_page(REPORT)
    assert page.count('class="tick-mark"') == 1
    assert page.count('<span class="badge reached">reached it</span>') == 1
    assert page.count("did not reach it") == 1
