"""The calibration: whether of those who were told 30 %, three in ten reached the outcome."""

from collections.abc import Sequence
from math import sqrt
from xml.etree.ElementTree import Element

from gateway.cli.report_page.elements import element
from gateway.cli.report_page.frame import Frame, axis_names, grid, line, share_axis, ticks_up_to
from gateway.cli.report_page.tables import folded, table
from gateway.cli.report_words import number, share
from gateway.prediction.quality import CalibrationBin

_DEVIATIONS = 1.96
"""Of a normal distribution, 95 % lie within so many standard deviations."""
_LARGEST, _SMALLEST = 9.0, 3.0


def calibration_plot(bins: Sequence[CalibrationBin]) -> Element:
    """Return what was told against what came, with the range within which chance alone would keep it, and a table."""
    if not bins:
        return element("p", "There was nothing to judge it on.", class_="empty")
    ticks = ticks_up_to(max(max(one.predicted, by_chance(one)[1]) for one in bins))
    frame = Frame(width=400, height=350, x_to=ticks[-1], y_to=ticks[-1])
    most = max(one.count for one in bins)
    drawing = frame.drawing(
        "Calibration: the share that reached the outcome by the probability told; the table below has its values.",
        *share_axis(frame, ticks),
        *grid(frame, ticks),
        line(frame, [(0, 0), (ticks[-1], ticks[-1])], "chance"),
        *(_range(frame, one) for one in bins),
        line(frame, [(one.predicted, one.observed) for one in bins], "thread"),
        *(_dot(frame, one, most) for one in bins),
        *axis_names(frame, "probability told", "share that reached it"),
    )
    return element(
        "figure",
        drawing,
        element(
            "figcaption",
            "Each dot is a tenth of the predictions, larger for more sessions. On the dashed line, what was told is "
            "what came; where an upright line meets it, the difference may well be chance (95\u00a0%).",
        ),
        folded("The dots as a table", _table(bins)),
    )


def by_chance(one: CalibrationBin) -> tuple[float, float]:
    """Return the range of shares that go with what was observed (score interval: Wilson, 1927)."""
    squared = _DEVIATIONS**2
    middle = (one.observed + squared / (2 * one.count)) / (1 + squared / one.count)
    spread = sqrt(one.observed * (1 - one.observed) / one.count + squared / (4 * one.count**2))
    half = _DEVIATIONS * spread / (1 + squared / one.count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _range(frame: Frame, one: CalibrationBin) -> Element:
    low, high = by_chance(one)
    x = frame.x(one.predicted)
    return element("line", x1=x, x2=x, y1=frame.y(low), y2=frame.y(high), class_="range")


def _dot(frame: Frame, one: CalibrationBin, most: float) -> Element:
    radius = max(_SMALLEST, _LARGEST * sqrt(one.count / most))
    told = f"told {share(one.predicted)}, came {share(one.observed)}, {number(one.count)} sessions"
    return element(
        "circle", element("title", told), cx=frame.x(one.predicted), cy=frame.y(one.observed), r=radius, class_="dot"
    )


def _table(bins: Sequence[CalibrationBin]) -> Element:
    rows = (
        [share(one.predicted), share(one.observed), " to ".join(map(share, by_chance(one))), number(one.count)]
        for one in bins
    )
    return table("Calibration", ("Told", "Came", "Came, by chance (95\u00a0%)", "Sessions"), rows, words=())
