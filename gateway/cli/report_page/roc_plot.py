"""The ROC curve: how many of those who reach the outcome are found, at the price of how many who do not."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from gateway.cli.report_page.elements import element
from gateway.cli.report_page.frame import Frame, area, axis_names, grid, line, share_axis
from gateway.cli.report_page.tables import folded, table
from gateway.cli.report_words import figure, share
from gateway.prediction.quality import Quality, RocPoint

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_TOLD = 0.2
"""The place on the curve that the sentence below it reads."""


def roc_plot(quality: Quality) -> Element:
    """Return the curve with its axes, a sentence that reads a point of it, and a table."""
    if not quality.roc:
        return element("p", "This model was stored without its curve: train again to draw it.", class_="empty")
    frame = Frame(width=400, height=350, x_to=1, y_to=1)
    points = [(one.false_positive_rate, one.true_positive_rate) for one in quality.roc]
    drawing = frame.drawing(
        f"ROC curve, with an area of {figure(quality.auc)} below it; the table below has its values.",
        *share_axis(frame, _TICKS),
        *grid(frame, _TICKS),
        line(frame, [(0, 0), (1, 1)], "chance"),
        area(frame, points, "below"),
        line(frame, points, "curve"),
        element("text", "chance", x=frame.x(0.72), y=frame.y(0.66), class_="tick"),
        *axis_names(frame, "found among those who do not reach it", "found among those who do"),
    )
    found = _found(quality.roc, [_TOLD])[0]
    return element(
        "figure",
        drawing,
        element(
            "figcaption",
            f"To find {share(found)} of those who reach the outcome, {share(_TOLD)} of those who do not are called "
            "likely as well.",
        ),
        folded("The curve as a table", _table(quality.roc)),
    )


def _table(points: Sequence[RocPoint]) -> Element:
    wrong = [number / 10 for number in range(11)]
    rows = ([share(one), share(other)] for one, other in zip(wrong, _found(points, wrong), strict=True))
    heads = ("Of those who do not reach it", "Of those who do")
    return table("ROC curve: shares that are found", heads, rows, words=())


def _found(points: Sequence[RocPoint], wrong: Sequence[float]) -> list[float]:
    """Return the height of the curve at these places."""
    across, up = ([one.false_positive_rate for one in points], [one.true_positive_rate for one in points])
    found: list[float] = np.interp(wrong, across, up).tolist()
    return found
