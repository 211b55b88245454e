"""Score over time: the probability of a few past visits, step by step, with the moment the outcome was reached."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from xml.etree.ElementTree import Element

from gateway.cli.report_page.elements import Child, element
from gateway.cli.report_page.frame import Frame, grid, line, ticks_up_to
from gateway.cli.report_page.tables import folded, table
from gateway.cli.report_words import clock, moment, share
from gateway.prediction.report import SampleVisit, ToldStep

_DOTTED = 40
"""Steps up to which each has a dot."""
_ROOM = 0.35
"""Steps left free before the first and after the last one."""


def visit_curves(visits: Sequence[SampleVisit], rate: float | None) -> Element:
    """Return a plot for each visit, all of one height; `rate` is the share of all sessions that reach the outcome."""
    ticks = ticks_up_to(max(visit.highest for visit in visits))
    return element("div", (_visit(visit, ticks, rate) for visit in visits), class_="visits")


def _visit(visit: SampleVisit, ticks: Sequence[float], rate: float | None) -> Element:
    came = "reached it" if visit.reached else "did not reach it"
    return element(
        "figure",
        element(
            "figcaption",
            element("b", f"Visit {visit.short_id}"),
            element("span", came, class_="badge reached" if visit.reached else "badge"),
            element("small", f"{moment(visit.begun)} · {_length(visit)}"),
        ),
        _plot(visit, ticks, rate),
        folded("The curve as a table", _table(visit)),
    )


def _plot(visit: SampleVisit, ticks: Sequence[float], rate: float | None) -> Element:
    last = max(len(visit.steps), 2)
    frame = Frame(
        width=320, height=170, x_from=1 - _ROOM, x_to=last + _ROOM, y_to=ticks[-1], left=42, right=10, bottom=30
    )
    told = [(at, step) for at, step in enumerate(visit.steps, 1) if step.probability is not None]
    achieved = [at for at, step in enumerate(visit.steps, 1) if step.achieves] or [last] * visit.reached
    return frame.drawing(
        f"Probability of visit {visit.short_id} over its {len(visit.steps)} steps; the table below has its values.",
        *grid(frame, ticks),
        *([line(frame, [(1 - _ROOM, rate), (last + _ROOM, rate)], "chance")] if rate and rate <= ticks[-1] else []),
        line(frame, _stairs([(at, step.probability or 0.0) for at, step in told], (*achieved, last)[0]), "curve"),
        *(_dot(frame, at, step) for at, step in told if len(visit.steps) <= _DOTTED),
        *(part for at in achieved[:1] for part in _flag(frame, at)),
        *_ends(frame, last),
    )


def _stairs(points: Sequence[tuple[int, float]], until: int) -> list[tuple[float, float]]:
    """Return the corners of a curve that stays where it is until the next step."""
    corners: list[tuple[float, float]] = []
    for at, probability in points:
        if corners:
            corners.append((at, corners[-1][1]))
        corners.append((at, probability))
    return [*corners, (max(until, points[-1][0]), points[-1][1])]


def _dot(frame: Frame, at: int, step: ToldStep) -> Element:
    told = f"{share(step.probability)} after {clock(step.after)}: {_deed(step)}"
    return element(
        "circle", element("title", told), cx=frame.x(at), cy=frame.y(step.probability or 0.0), r=2.6, class_="dot"
    )


def _flag(frame: Frame, at: int) -> tuple[Element, ...]:
    x, top, bottom = frame.x(at), frame.top, frame.height - frame.bottom
    return (
        element("line", x1=x, x2=x, y1=top + 8, y2=bottom, class_="flag"),
        element("circle", element("title", "reached the outcome"), cx=x, cy=top + 8, r=8, class_="flag"),
        element("path", d=f"M{x - 3.6:.1f} {top + 8.2:.1f}l2.6 2.8 4.8-5.4", class_="tick-mark"),
    )


def _ends(frame: Frame, last: int) -> tuple[Element, ...]:
    y = frame.height - frame.bottom + 16
    return (
        element("text", "1", x=frame.x(1), y=y, class_="tick middle"),
        element("text", last, x=frame.x(last), y=y, class_="tick middle"),
        element("text", "step", x=frame.x((1 + last) / 2), y=y, class_="name middle"),
    )


def _length(visit: SampleVisit) -> str:
    longest = max((step.after for step in visit.steps), default=timedelta(0))
    return f"{len(visit.steps)} steps in {clock(longest)}"


def _deed(step: ToldStep) -> str:
    return f"{step.event_name} {step.page}" if step.page else step.event_name


def _table(visit: SampleVisit) -> Element:
    return table(f"Visit {visit.short_id}", ("Step", "After", "What happened", "Told"), _rows(visit.steps), words=(2,))


def _rows(steps: Iterable[ToldStep]) -> Iterable[list[Child]]:
    for at, step in enumerate(steps, 1):
        told = "reached it" if step.achieves else share(step.probability)
        yield [str(at), clock(step.after), _deed(step), told]
