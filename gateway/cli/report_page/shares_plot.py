"""Shares by page views: what is told where nothing better has been learned."""

from itertools import takewhile
from xml.etree.ElementTree import Element

from gateway.cli.report_page.elements import element
from gateway.cli.report_page.frame import Frame, axis_names, grid, ticks_up_to
from gateway.cli.report_page.tables import folded, table
from gateway.cli.report_words import number, share
from gateway.prediction.base_rate import BaseRate

SHOWN = 20
"""Page counts that are drawn; few sessions have more."""
_NAMED = 12
_GAP, _WIDEST = 3.0, 60.0


def shares_plot(shares: BaseRate) -> Element:
    """Return a bar for each number of pages that past sessions have viewed, and a table."""
    counted = list(takewhile(bool, shares.reached[:SHOWN])) or [0]
    told = [shares.after(pages) for pages in range(1, len(counted) + 1)]
    ticks = ticks_up_to(max(told))
    frame = Frame(width=400, height=270, x_from=0.5, x_to=len(told) + 0.5, y_to=ticks[-1])
    drawing = frame.drawing(
        "Probability told by pages viewed; the table below has its values.",
        *grid(frame, ticks),
        *(_bar(frame, pages, probability) for pages, probability in enumerate(told, 1)),
        *(_under(frame, pages) for pages in range(1, len(told) + 1, 1 if len(told) <= _NAMED else 2)),
        *axis_names(frame, "pages viewed so far", "probability told"),
    )
    return element("figure", drawing, folded("The bars as a table", _table(shares, told)))


def _bar(frame: Frame, pages: int, probability: float) -> Element:
    width = min(frame.x(pages + 0.5) - frame.x(pages - 0.5) - _GAP, _WIDEST)
    top = frame.y(probability)
    return element(
        "rect",
        element("title", f"{pages} pages: {share(probability)}"),
        x=frame.x(pages) - width / 2,
        width=width,
        y=top,
        height=frame.y(0) - top,
        rx=2,
        class_="bar",
    )


def _under(frame: Frame, pages: int) -> Element:
    return element("text", pages, x=frame.x(pages), y=frame.y(0) + 16, class_="tick middle")


def _table(shares: BaseRate, told: list[float]) -> Element:
    rows = (
        [str(pages), share(probability), number(sessions), number(achieved)]
        for pages, (probability, sessions, achieved) in enumerate(
            zip(told, shares.reached or (0,), shares.achieved or (0,), strict=False), 1
        )
    )
    heads = ("Pages viewed", "Told", "Sessions with so many", "Of these reached it")
    return table("Shares by page views", heads, rows, words=())
