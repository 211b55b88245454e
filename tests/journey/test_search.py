"""What was searched for."""

import pytest

from gateway.journey.search import MAX_QUERY_LENGTH, keywords, search_query

PARAMETERS = ("q", "term")


@pytest.mark.parametrize(
    ("properties", "url_query", "expected"),
    [
        pytest.param({"query": "  red \n shoes "}, "", "red shoes", id="white space"),
        pytest.param({"search_term": "boots"}, "", "boots", id="another property"),
        pytest.param({"query": "", "q": "boots"}, "", "boots", id="an empty property before a full one"),
        pytest.param({"query": 4711}, "", "4711", id="a number"),
        pytest.param({"query": True}, "", None, id="no text"),
        pytest.param({"query": ["red"]}, "", None, id="a list"),
        pytest.param({"query": "a" * 300}, "", "a" * MAX_QUERY_LENGTH, id="too long"),
        pytest.param({}, "page=2&q=red+shoes", "red shoes", id="only the URL tells it"),
        pytest.param({"query": "boots"}, "q=shoes", "boots", id="the property wins over the URL"),
        pytest.param({}, "", None, id="nothing"),
    ],
)
def test_the_query_of_a_search(properties: dict[str, object], url_query: str, expected: str | None) -> None:
    assert search_query(properties, url_query, PARAMETERS) == expected


def test_the_first_parameter_with_a_value_counts() -> None:
    assert keywords("q=&term=boots", PARAMETERS) == "boots"
