"""What a visitor looked for with the search of the site."""

from collections.abc import Iterable, Mapping

from gateway.journey.page import query_parameters

MAX_QUERY_LENGTH = 255

QUERY_PROPERTIES = ("query", "search_term", "searchTerm", "search_query", "searchQuery", "q", "term", "search")
"""Properties of a search event that may hold the query, the best first."""


def search_query(properties: Mapping[str, object], url_query: str, parameters: Iterable[str]) -> str | None:
    """Return the query of a search event, tidied, or None when it tells none.

    Its properties tell it, or else the first of these parameters that the page's query string holds.
    """
    told = (tidy_query(properties.get(name)) for name in QUERY_PROPERTIES)
    return next((query for query in told if query), None) or keywords(url_query, parameters)


def keywords(query_string: str, parameters: Iterable[str]) -> str | None:
    """Return the first of these parameters with a value in a query string, tidied, or None."""
    values = query_parameters(query_string)
    return next((query for name in parameters if (query := tidy_query(values.get(name)))), None)


def tidy_query(value: object) -> str | None:
    """Return a query without surplus white space, cut at 255 characters; None for anything but text or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).split())[:MAX_QUERY_LENGTH].rstrip() or None
