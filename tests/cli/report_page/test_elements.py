from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.report_page.elements import Value, element, written


class Read(HTMLParser):
    """What a reader of HTML finds: tags with their attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


@given(TEXT, TEXT)
def test_text_stays_text_wherever_it_stands(text: str, value: str) -> None:
    page = Read(written(element("html", element("p", text, element("b", text), text, title=value))))
    assert page.tags == [("html", {}), ("p", {"title": value}), ("b", {})]
    assert page.text.removesuffix("\n").removeprefix("\n") == text * 3


@pytest.mark.parametrize(
    ("value", "written_as"),
    [
        pytest.param(None, "<p></p>", id="none"),
        pytest.param(False, "<p></p>", id="false"),
        pytest.param(True, '<p data-at=""></p>', id="true"),
        pytest.param(0.0, '<p data-at="0"></p>', id="zero"),
        pytest.param(12.3456, '<p data-at="12.35"></p>', id="a number"),
        pytest.param("x", '<p data-at="x"></p>', id="a word"),
    ],
)
def test_attributes_are_written_as_html_has_them(value: Value, written_as: str) -> None:
    assert written_as in written(element("html", element("p", data_at=value)))


def test_children_may_come_in_any_order_one_by_one_or_together() -> None:
    made = element("p", "a", None, element("b", "b"), (str(number) for number in range(2)), [element("i"), "c"], 7)
    assert written(made) == "<!doctype html>\n<p>a<b>b</b>01<i></i>c7</p>\n"
