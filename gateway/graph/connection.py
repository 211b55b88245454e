"""Relay connections: a page of a list, with a cursor for each row."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import strawberry

from gateway.graph.requires import PUBLIC
from gateway.graph.windows import Listed
from gateway.graph.words import derived, stored
from gateway.storage.keyset import cursor_of

T = TypeVar("T")


@strawberry.type(description="Where a page lies in its list.", directives=[PUBLIC])
class PageInfo:
    """Relay's page info."""

    has_next_page: bool = stored("hasNextPage", "Whether there is more after this page.")
    has_previous_page: bool = stored("hasPreviousPage", "Whether there is more before this page.")
    start_cursor: str | None = stored("startCursor", "The cursor of the first row.")
    end_cursor: str | None = stored("endCursor", "The cursor of the last row: pass it as `after` for the next page.")


@strawberry.type(description="A row of a page, with its place in the list.", directives=[PUBLIC])
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = stored("cursor", "The place of this row: pass it as `after` or `before`.")
    node: T = stored("node", "The row itself.")


def page_info_of(listed: Listed) -> Mapping[str, Any]:
    """Return the value of a `PageInfo`."""
    page = listed.page
    ends = (page.start or next(iter(page.rows), None), page.end or next(reversed(page.rows), None))
    start, end = (cursor_of(row, listed.order) if row else None for row in ends)
    return {
        "hasNextPage": page.has_next,
        "hasPreviousPage": page.has_previous,
        "startCursor": start,
        "endCursor": end,
    }


def edges_of(listed: Listed) -> list[Mapping[str, Any]]:
    """Return the values of the `Edge`s."""
    return [{"cursor": cursor_of(row, listed.order), "node": row} for row in listed.page.rows]


@strawberry.type(description="A page of a list.", directives=[PUBLIC])
class Connection(Generic[T]):
    """Relay's connection, whose value is a `Listed`."""

    edges: list[Edge[T]] = derived(edges_of, "The rows with their cursors.", reads=())
    nodes: list[T] = derived(lambda listed: listed.page.rows, "The rows alone.", reads=())
    page_info: PageInfo = derived(page_info_of, "Where this page lies in its list.", reads=())
