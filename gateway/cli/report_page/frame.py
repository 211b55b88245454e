"""The frame of a plot: where values are in the drawing, and the axes around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gateway.cli.report_page.elements import element

_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing of `width` and `height` pixels, with margins; x runs from `x_from` to `x_to`, y from 0 to `y_to`."""

    width: float
    height: float
    x_to: float
    y_to: float
    x_from: float = 0.0
    left: float = 60.0
    right: float = 12.0
    top: float = 10.0
    bottom: float = 44.0

    def x(self, value: float) -> float:
        """Return how far a value is from the left, in pixels."""
        share = (value - self.x_from) / ((self.x_to - self.x_from) or 1.0)
        return self.left + share * (self.width - self.left - self.right)

    def y(self, value: float) -> float:
        """Return how far a value is from the top, in pixels."""
        return self.top + (1 - value / self.y_to) * (self.height - self.top - self.bottom)

    def drawing(self, label: str, *parts: Element) -> Element:
        """Return the drawing of these parts, as a picture with a label for those who do not see it."""
        size = f"0 0 {self.width:g} {self.height:g}"
        return element("svg", *parts, viewBox=size, role="img", aria_label=label, class_="plot")


def ticks_up_to(highest: float) -> tuple[float, ...]:
    """Return round shares from 0 to at least this one, at most 1, few enough to be read."""
    step = next((step for step in _STEPS if highest <= step * _MOST_STEPS), _STEPS[-1])
    count = max(1, -int(-min(highest, 1.0) / step // 1))
    return tuple(round(number * step, 3) for number in range(count + 1))


def percent(share: float) -> str:
    """Return a share as an axis shows it."""
    return f"{share * 100:g}\u00a0%"


def grid(frame: Frame, ticks: Sequence[float]) -> list[Element]:
    """Return horizontal lines at these shares, with what they stand for."""
    left, right = frame.left, frame.width - frame.right
    return [
        part
        for tick in ticks
        for part in (
            element("line", x1=left, x2=right, y1=frame.y(tick), y2=frame.y(tick), class_="grid" if tick else "axis"),
            element("text", percent(tick), x=left - 7, y=frame.y(tick) + 4, class_="tick end"),
        )
    ]


def share_axis(frame: Frame, ticks: Sequence[float]) -> list[Element]:
    """Return vertical lines at these shares, with what they stand for below them."""
    top, bottom = frame.top, frame.height - frame.bottom
    return [
        part
        for tick in ticks
        for part in (
            element("line", x1=frame.x(tick), x2=frame.x(tick), y1=top, y2=bottom, class_="grid" if tick else "axis"),
            element("text", percent(tick), x=frame.x(tick), y=bottom + 16, class_="tick middle"),
        )
    ]


def axis_names(frame: Frame, across: str, up: str) -> list[Element]:
    """Return the names of the axes."""
    middle = (frame.top + frame.height - frame.bottom) / 2
    return [
        element(
            "text", across, x=(frame.left + frame.width - frame.right) / 2, y=frame.height - 6, class_="name middle"
        ),
        element("text", up, transform=f"translate(11 {middle:g}) rotate(-90)", class_="name middle"),
    ]


def line(frame: Frame, points: Sequence[tuple[float, float]], class_: str) -> Element:
    """Return a line through these points."""
    return element("polyline", points=_places(frame, points), class_=class_)


def area(frame: Frame, points: Sequence[tuple[float, float]], class_: str) -> Element:
    """Return what lies below the line through these points."""
    closed = [(points[0][0], 0.0), *points, (points[-1][0], 0.0)]
    return element("polygon", points=_places(frame, closed), class_=class_)


def _places(frame: Frame, points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in points)
