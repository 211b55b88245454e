"""The report of an outcome's predictions for the terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.cli.report_page.versions_table import state_of, why
from gateway.cli.report_words import (
    Tone,
    clock,
    drift_facts,
    drift_words,
    facts,
    figure,
    figures,
    headline,
    judged_words,
    moment,
    number,
    reason,
    share,
)
from gateway.prediction.base_rate import BaseRate
from gateway.prediction.card import Card
from gateway.prediction.feature_words import feature_words
from gateway.prediction.quality import Quality
from gateway.prediction.report import ModelReport, SampleVisit

FEATURES, PAGES, REASONS, CURVE = 10, 8, 5, 32
_BLOCKS = "▁▂▃▄▅▆▇█"
_COLOURS = {Tone.GOOD: "green", Tone.WAITING: "yellow", Tone.BAD: "red"}


def print_report(report: ModelReport, console: Console) -> None:
    """Print the report."""
    for part in _parts(report):
        console.print(part, highlight=False)


def _parts(report: ModelReport) -> Iterator[RenderableType]:
    card, (tone, words) = report.serving, headline(report)
    yield Text(seen(report.outcome.display_name), style="bold")
    yield Text.assemble(("● ", _COLOURS[tone]), words)
    yield Text(seen(reason(report)), style="dim")
    if card is not None:
        yield _pairs(facts(card))
        if card.quality is not None:
            yield from _quality(card.quality)
        if card.importance:
            yield _importance(card)
    if report.shares_told is not None:
        yield _shares(report.shares_told)
    if report.visits:
        yield _visits(report.visits)
    if card is not None and card.is_learned:
        tone, words = drift_words(card.drift)
        measured = [_pairs(drift_facts(card.drift))] if card.drift is not None else []
        yield _under("Since it was trained", Text.assemble(("● ", _COLOURS[tone]), seen(words)), *measured)
    if card is not None and card.page_groups:
        yield _under("Page groups", Text(seen("  ".join(card.page_groups)), style="dim"))
    if report.versions:
        yield _versions(report.versions, card)
        yield from _reasons(report.versions, card)


def seen(text: str) -> str:
    """Return a text that does nothing to a terminal but show itself."""
    return "".join(character if character.isprintable() or character == "\u00a0" else "\ufffd" for character in text)


def _under(title: str, *parts: RenderableType) -> Group:
    return Group(Text(f"\n{title}"), *parts)


def _table(*heads: str, numbers: Sequence[int] = ()) -> Table:
    table = Table(show_header=any(heads), box=None, pad_edge=False)
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if at in numbers else "left", header_style="dim")
    return table


def _pairs(pairs: Iterator[tuple[str, str]]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in pairs:
        table.add_row(Text(name, style="dim"), value)
    return table


def _quality(quality: Quality) -> Iterator[RenderableType]:
    table = _table("", "", "", numbers=(1,))
    for one in figures(quality):
        compared = f" ({one.compared})" if one.compared else ""
        table.add_row(one.name, Text(one.value, style="bold"), Text.assemble(one.meaning, (compared, "dim")))
    yield _under("How good it is", table, Text(judged_words(quality), style="dim"))
    calibration = _table("told", "came", "sessions", "", numbers=(0, 1, 2))
    for bin_ in quality.calibration:
        row = (share(bin_.predicted), share(bin_.observed), number(bin_.count), _bar(bin_.observed))
        calibration.add_row(*row)
    yield _under("Calibration", calibration)


def _importance(card: Card) -> Group:
    table = _table("", "", "", numbers=(1,))
    most = card.importance[0][1]
    for feature, part in card.importance[:FEATURES]:
        table.add_row(Text(seen(feature_words(feature))), share(part), _bar(part / most))
    return _under("What it looks at", table)


def _shares(shares: BaseRate) -> Group:
    table = _table("pages", "told", "", numbers=(0, 1))
    for pages in range(1, PAGES + 1):
        told = shares.after(pages)
        table.add_row(str(pages), share(told), _bar(told))
    return _under("What is told, by pages viewed so far", table)


def _visits(visits: Sequence[SampleVisit]) -> Group:
    table = _table("visit", "", "highest", "steps", "in", "", numbers=(2, 3, 4))
    highest = max(visit.highest for visit in visits) or 1.0
    for visit in visits:
        came = Text("reached it", style="green") if visit.reached else Text("did not", style="dim")
        longest = clock(max(step.after for step in visit.steps))
        row = (share(visit.highest), str(len(visit.steps)), longest, _curve(visit, highest))
        table.add_row(Text(seen(visit.short_id)), came, *row)
    return _under("Score over time", table)


def _curve(visit: SampleVisit, highest: float) -> Text:
    curve = Text()
    told = [step.probability for step in visit.steps if step.probability is not None]
    for at in sorted({round(at * (len(told) - 1) / (CURVE - 1)) for at in range(CURVE)}):
        curve.append(_BLOCKS[round(told[at] / highest * (len(_BLOCKS) - 1))])
    if visit.reached:
        curve.append("✓", style="green")
    return curve


def _versions(versions: Sequence[Card], serving: Card | None) -> Group:
    heads = ("trained", "", "sessions", "AUC", "log-loss", "calibration")
    table = _table(*heads, numbers=(2, 3, 4, 5))
    for one in versions:
        told = (one.quality.auc, one.quality.log_loss, one.quality.calibration_error) if one.quality else ()
        cells = [figure(value) for value in told] or [""] * 3
        table.add_row(moment(one.trained), state_of(one, serving), number(one.sessions), *cells)
    return _under("Versions", table)


def _reasons(versions: Sequence[Card], serving: Card | None) -> Iterator[Text]:
    for one in versions[:REASONS]:
        yield Text.assemble((f"{moment(one.trained)}  ", "dim"), seen(why(one, serving)))


def _bar(length: float) -> Text:
    return Text("━" * max(1, round(length * 20)), style="blue")
