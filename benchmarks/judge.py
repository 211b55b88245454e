"""How good probabilities were, page by page, once the calls themselves tell which visitors reached the outcome.

Each visitor is one case, and reaches the outcome or does not, whenever that is; pages from there on do not count. A
visitor is told one probability after each page, and each of them is judged: those after the first page, after the
second, and so on; those after the last page; and all of them together, where a visitor weighs 1 however many pages it
has seen.

Equal probabilities: of a pair of cases they count half in the AUC. For the calibration error they stand in the order of
what came of them, misses first, then of their weight, lightest first, so that the order of the file has no say. Many
equal ones that the bound of a bin cuts in two are thus told apart by what came: a model that tells only a few different
probabilities seems to be calibrated worse than it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import orjson

from benchmarks.processes import Failed
from gateway.cli.call_lines import open_calls
from gateway.journey.criterion import text_of
from gateway.journey.event_name import event_name
from gateway.prediction.quality import BINS, Floats, auc, log_loss

PREFIXES = (1, 2, 3, 5, 10, 20)
"""Pages after which the probabilities are judged by themselves."""
HEADINGS = ("told after", "probabilities", "AUC", "log-loss", "Brier", "calibration error")
Object = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: an event of this name, in any spelling, with these attributes, if any, as texts."""

    event_name: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    def is_reached_by(self, call: Object) -> bool:
        """Whether a tracking call is that event."""
        if event_name(str(call.get("type")), _text(call, "event")) != event_name("track", self.event_name):
            return False
        properties = call.get("properties")
        told = properties if isinstance(properties, Mapping) else {}
        return all(name in told and text_of(told[name]) == wanted for name, wanted in self.attributes.items())


@dataclass(frozen=True, slots=True)
class Figures:
    """How good some of the probabilities were; the calibration error is of all of them alone."""

    told_after: str
    count: int
    auc: float
    log_loss: float
    brier: float
    calibration_error: float | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """All probabilities: one row each, of the page with this number (from 1) of so many of its visitor."""

    probability: Floats
    came: Floats
    page: Floats
    pages: Floats


def judge(calls: Iterable[Object], probabilities: Mapping[str, float], goal: Goal) -> list[Figures]:
    """Return the figures of the probabilities that were told after page calls, by `messageId`.

    Raises:
        Failed: there is no page call, or one before the outcome without a probability.
    """
    told = _told(calls, probabilities, goal)
    chosen = {f"{number} page{'s' if number > 1 else ''}": told.page == number for number in PREFIXES}
    chosen["the last page"] = told.page == told.pages
    rows = [_figures(name, told, rows, np.ones(len(told.page))) for name, rows in chosen.items() if rows.any()]
    return [*rows, _figures_of_all(told)]


def calibration_error(told: Floats, came: Floats, weight: Floats, bins: int = BINS) -> float:
    """Return how far what was told is from what came, on average over bins of equally many probabilities.

    Of n probabilities, lowest first, bin b of B has those from floor(bn/B) up to floor((b + 1)n/B); equal ones are in
    the order that the docstring of this module names.
    """
    order = np.lexsort((weight, came, told))
    too_much = (weight * (told - came))[order]
    bounds = [number * len(told) // bins for number in range(bins + 1)]
    return float(sum(abs(too_much[start:end].sum()) for start, end in pairwise(bounds)) / weight.sum())


def markdown(rows: Iterable[Figures]) -> str:
    """Return the figures as a Markdown table."""
    lines = [HEADINGS, ("---", *["---:"] * (len(HEADINGS) - 1)), *map(_cells, rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def objects_of(file: Path) -> Iterator[Object]:
    """Yield the JSON objects of a file with one a line, plain or gzip.

    Raises:
        Failed: a line is something else.
    """
    with open_calls(str(file)) as opened:
        for line in opened.lines():
            try:
                read = orjson.loads(line.text)
            except orjson.JSONDecodeError as error:
                raise Failed(f"{file}, line {line.number}: {error}") from None
            if not isinstance(read, dict):
                raise Failed(f"{file}, line {line.number}: {line.text[:80]!r} is not a JSON object")
            yield read


def probabilities_of(file: Path) -> dict[str, float]:
    """Return what `journey-gateway score` wrote, by `messageId`."""
    return {str(line["messageId"]): float(str(line["probability"])) for line in objects_of(file)}


def _told(calls: Iterable[Object], probabilities: Mapping[str, float], goal: Goal) -> _Told:
    pages, reached = _pages_before(calls, goal)
    missing = [message for listed in pages.values() for message in listed if message not in probabilities]
    if missing or not pages:
        words = f"{len(missing):,} page calls have no probability, the first is {missing[0]}" if missing else "no page"
        raise Failed(f"The calls cannot be judged: {words}.")
    rows = [
        (probabilities[message], visitor in reached, number, len(listed))
        for visitor, listed in pages.items()
        for number, message in enumerate(listed, start=1)
    ]
    return _Told(*np.asarray(rows, dtype=np.float64).T)


def _pages_before(calls: Iterable[Object], goal: Goal) -> tuple[Mapping[str, list[str]], set[str]]:
    """Return the page calls of each visitor before the outcome, by their messageId, and who reached the outcome."""
    pages: dict[str, list[str]] = defaultdict(list)
    reached: set[str] = set()
    for call in calls:
        visitor = _text(call, "anonymousId") or _text(call, "userId") or ""
        if goal.is_reached_by(call):
            reached.add(visitor)
        elif call.get("type") == "page" and visitor not in reached:
            pages[visitor].append(_text(call, "messageId") or "a call without messageId")
    return pages, reached


def _text(call: Object, name: str) -> str | None:
    value = call.get(name)
    return value if isinstance(value, str) else None


def _figures_of_all(told: _Told) -> Figures:
    weight = 1 / told.pages
    error = calibration_error(told.probability, told.came, weight)
    return _figures("every page", told, told.page > 0, weight, error)


def _figures(name: str, told: _Told, rows: np.ndarray, weight: Floats, error: float | None = None) -> Figures:
    probability, came, weighs = told.probability[rows], told.came[rows], weight[rows]
    return Figures(
        name,
        len(probability),
        auc(probability, came, weighs),
        log_loss(probability, came, weighs),
        float(np.average((probability - came) ** 2, weights=weighs)),
        error,
    )


def _cells(row: Figures) -> tuple[str, ...]:
    figures = (row.auc, row.log_loss, row.brier, row.calibration_error)
    return (row.told_after, f"{row.count:,}", *("" if one is None else f"{one:.4f}" for one in figures))
