"""Tables: each plot has one that says the same, and some things are told by a table alone."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from gateway.cli.report_page.elements import Child, element


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Child]], words: Sequence[int] = (0,)) -> Element:
    """Return a table; columns at the places `words` hold words, the others numbers. The first one names the row."""
    return element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", element("tr", (_cell("th", head, at in words, "col") for at, head in enumerate(heads)))),
        element("tbody", (element("tr", _cells(row, words)) for row in rows)),
    )


def scrolling(label: str, inner: Element) -> Element:
    """Return a wide thing that is scrolled where there is no room for it, by keyboard as well."""
    return element("div", inner, class_="scrolling", role="region", aria_label=label, tabindex=0)


def folded(summary: str, inner: Element) -> Element:
    """Return a thing that is shown when asked for."""
    return element("details", element("summary", summary), inner)


def _cells(row: Sequence[Child], words: Sequence[int]) -> Iterable[Element]:
    for at, content in enumerate(row):
        yield _cell("td" if at else "th", content, at in words, None if at else "row")


def _cell(tag: str, content: Child, is_word: bool, scope: str | None) -> Element:
    return element(tag, content, class_=None if is_word else "number", scope=scope)
