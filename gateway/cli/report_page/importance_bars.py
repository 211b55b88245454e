"""What a model looks at most, as a table whose shares are bars as well."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from gateway.cli.report_page.elements import Child, element
from gateway.cli.report_page.tables import folded, table
from gateway.cli.report_words import share
from gateway.prediction.feature_words import feature_words

SHOWN = 12
_HEADS = ("What it looks at", "Share", "")
Feature = tuple[str, float]


def importance_bars(importance: Sequence[Feature]) -> list[Element]:
    """Return bars for the most important features, and those of the others when asked for."""
    most = max((part for _, part in importance), default=1.0)
    shown, more = importance[:SHOWN], importance[SHOWN:]
    bars = [table("Feature importance", _HEADS, _rows(shown, most))]
    if more:
        bars.append(folded(f"{len(more)} more", table("Less important features", _HEADS, _rows(more, most))))
    return bars


def _rows(features: Iterable[Feature], most: float) -> Iterable[list[Child]]:
    for feature, part in features:
        yield [element("span", feature_words(feature), title=feature), share(part), _bar(part / most)]


def _bar(length: float) -> Element:
    width = f"{max(length, 0.005):.1%}"
    return element(
        "svg", element("rect", width=width, height="100%", rx=4, class_="bar"), class_="bars", aria_hidden="true"
    )
