"""The page of the report: its sections, in the order in which questions come up."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from urllib.parse import quote
from xml.etree.ElementTree import Element

from gateway.cli.report_page.calibration_plot import calibration_plot
from gateway.cli.report_page.elements import Child, element, written
from gateway.cli.report_page.importance_bars import importance_bars
from gateway.cli.report_page.roc_plot import roc_plot
from gateway.cli.report_page.shares_plot import shares_plot
from gateway.cli.report_page.versions_table import versions_table
from gateway.cli.report_page.visit_curves import visit_curves
from gateway.cli.report_words import (
    Figure,
    drift_facts,
    drift_words,
    facts,
    figures,
    headline,
    judged_words,
    moment,
    reason,
    share,
)
from gateway.prediction.card import Card, MeasuredDrift
from gateway.prediction.quality import Quality
from gateway.prediction.report import ModelReport

_STYLE = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='#1f5fa8'/>"
    "<path d='M6 24C14 24 12 9 26 8' fill='none' stroke='#fff' stroke-width='3.5' stroke-linecap='round'/></svg>"
)
_POLICY = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)
"""The page may show itself and nothing else, not even if something in it were markup after all."""


def report_page(report: ModelReport) -> str:
    """Return the report as an HTML document that needs nothing beside itself."""
    name = report.outcome.display_name
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="robots", content="noindex"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{name}: how good its predictions are"),
        element("link", rel="icon", href=f"data:image/svg+xml,{quote(_ICON)}"),
        element("style", _STYLE),
    )
    body = element("body", _top(report), element("main", _sections(report)), _foot(report))
    return written(element("html", head, body, lang="en"))


def _top(report: ModelReport) -> Element:
    tone, words = headline(report)
    return element(
        "header",
        element("p", "Predictions of an outcome", class_="kind"),
        element("h1", report.outcome.display_name),
        element("p", report.description, class_="description") if report.description else None,
        element(
            "div",
            element("p", element("i", aria_hidden="true"), element("b", words)),
            element("p", reason(report)),
            class_="status",
            data_tone=tone.value,
        ),
    )


def _sections(report: ModelReport) -> Iterator[Element]:
    card = report.serving
    if card is not None:
        yield _learned_from(card)
        if card.quality is not None:
            yield _quality(card.quality)
        if card.importance:
            yield _section("What it looks at", _IMPORTANCE, *importance_bars(card.importance))
    if report.shares_told is not None:
        title = "What is told instead" if report.is_broken else "What is told"
        yield _section(title, _SHARES, shares_plot(report.shares_told))
    yield _visits(report)
    if card is not None and card.is_learned:
        yield _section("Since it was trained", None, *_drift(card.drift))
    if card is not None and card.page_groups:
        yield _page_groups(card)
    if report.versions:
        yield _section("Versions", _VERSIONS, versions_table(report.versions, card))


def _section(title: str, lead: Child, *content: Child, class_: str = "card") -> Element:
    return element(
        "section", element("h2", title), element("p", lead, class_="lead") if lead else None, *content, class_=class_
    )


def _learned_from(card: Card) -> Element:
    return _section("What it was learned from", None, _pairs(facts(card)))


def _pairs(pairs: Iterator[tuple[str, str]]) -> Element:
    told = (element("div", element("dt", name), element("dd", value)) for name, value in pairs)
    return element("dl", told, class_="facts")


def _quality(quality: Quality) -> Element:
    plots = element(
        "div",
        element("div", element("h3", "ROC curve"), roc_plot(quality), class_="card"),
        element("div", element("h3", "Calibration"), calibration_plot(quality.calibration), class_="card"),
        class_="pair",
    )
    tiles = element("div", (_tile(one) for one in figures(quality)), class_="tiles")
    return _section("How good it is", judged_words(quality), tiles, plots, class_="quality")


def _tile(one: Figure) -> Element:
    return element(
        "div",
        element("h3", one.name),
        element("p", one.value, class_="figure"),
        element("p", one.compared, class_="compared") if one.compared else None,
        element("p", one.meaning),
        class_="card tile",
    )


def _visits(report: ModelReport) -> Element:
    rate = report.serving.rate if report.serving else None
    if not report.visits:
        return _section("Score over time", None, element("p", _NO_VISITS, class_="empty"))
    dashed = f" The dashed line is the share of all sessions that reach it, {share(rate)}." if rate else ""
    return _section("Score over time", _VISITS + dashed, visit_curves(report.visits, rate))


def _drift(drift: MeasuredDrift | None) -> Iterator[Element]:
    tone, words = drift_words(drift)
    yield element(
        "p", element("i", aria_hidden="true"), element("b", words), class_="line status", data_tone=tone.value
    )
    if drift is not None:
        yield _pairs(drift_facts(drift))


def _page_groups(card: Card) -> Element:
    groups = element("ul", (element("li", element("code", group)) for group in card.page_groups), class_="groups")
    return _section("Page groups", _GROUPS, groups)


def _foot(report: ModelReport) -> Element:
    return element(
        "footer",
        element("p", f"Made by journey-gateway on {moment(report.made)}. It names no visitor; all times are UTC."),
    )


_IMPORTANCE = (
    "The share of each feature in all that the model has gained by looking. It says what the model makes use of, not "
    "what causes the outcome."
)
_SHARES = "Of past sessions with as many page views, the smoothed share that went on to reach the outcome."
_VISITS = (
    "The newest visits that have ended: some that reached the outcome, some that did not. A curve shows what was told "
    "after each step, and ends where the outcome was reached."
)
_NO_VISITS = "No visit has ended yet of which at least three predictions were told."
_GROUPS = (
    "Pages are told apart by these patterns, learned from visits; * stands for ids and names of which there are many. "
    "Any other page counts as the longest of them that it begins with."
)
_VERSIONS = "A new version serves only if it did better than the one before on sessions that neither had learned from."
