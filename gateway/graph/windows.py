"""From the paging arguments of a connection to the window of a list."""

from dataclasses import dataclass

from gateway.graph.errors import BadInput
from gateway.storage.keyset import Order
from gateway.storage.pages import Page, Window

DEFAULT_PAGE = 20
MAX_PAGE = 200
"""Rows of one page at most, as in the products that our users come from."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The value of a connection: a page, and the order that its cursors are places in."""

    page: Page
    order: Order


def window_of(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """Return the window that these arguments ask for.

    Raises:
        BadInput: `first` and `last` together, or one of them out of 1..200.
    """
    if first is not None and last is not None:
        raise BadInput("Pass `first` or `last`, not both.", field="last")
    for name, value in (("first", first), ("last", last)):
        if value is not None and not 1 <= value <= MAX_PAGE:
            raise BadInput(f"`{name}` is {value}, but must be from 1 to {MAX_PAGE}.", field=name)
    limit = first or last or DEFAULT_PAGE
    return Window(limit, after=after, before=before, from_end=last is not None)
