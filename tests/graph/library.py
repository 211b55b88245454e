"""A small schema with everything that costs: pages, lists, interfaces, arguments; it returns as much as it may.

`dynamic_cost` counts while an operation is executed, as IBM's specification has it; our own code only looks at results.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Annotated, Any

import strawberry
from graphql import ExecutionResult, GraphQLResolveInfo, GraphQLSchema, execute_sync, parse
from strawberry.types import get_object_definition

from gateway.graph.cost_directives import PAGED, ListSize, size, weight, weight_of
from gateway.graph.windows import DEFAULT_PAGE

MOST = 4
"""Rows that a list returns at most, so that lists in lists in lists are executed in no time."""


@strawberry.interface
class Thing:
    """Anything in the library."""

    name: str


@strawberry.type(directives=[weight(3)])
class Book(Thing):
    """A book, which costs more than others."""

    @strawberry.field
    def author(self, info: strawberry.Info) -> "Author | None":
        """Return who wrote it, if anybody."""
        return _one(info, Author)

    @strawberry.field(directives=[size(3)])
    def about(self, info: strawberry.Info) -> list[Thing]:
        """Return what it is about."""
        return _things(info, 3)

    @strawberry.field(directives=[weight(2)])
    def blurb(self) -> str:
        """Return a text that costs something."""
        return "Good."


@strawberry.type
class BookConnection:
    """A page of books."""

    nodes: list[Book]
    count: int


@strawberry.type
class Author(Thing):
    """An author."""

    @strawberry.field(directives=[PAGED])
    def books(self, info: strawberry.Info, first: int | None = None, last: int | None = None) -> BookConnection:
        """Return a page of what the author wrote."""
        return _page(info, first, last)

    @strawberry.field
    def favourite(self, info: strawberry.Info) -> Thing | None:
        """Return what the author likes."""
        return next(iter(_things(info, 1)), None)


@strawberry.type
class Query:
    """The root."""

    @strawberry.field(directives=[PAGED])
    def books(self, info: strawberry.Info, first: int | None = None, last: int | None = None) -> BookConnection:
        """Return a page of books."""
        return _page(info, first, last)

    @strawberry.field(directives=[ListSize(slicing_arguments=["count"], require_one_slicing_argument=False), weight(5)])
    def top(self, info: strawberry.Info, count: int = 3) -> list[Book]:
        """Return the best books."""
        return _books(info, count)

    @strawberry.field(directives=[size(4)])
    def things(
        self,
        info: strawberry.Info,
        search: Annotated[str | None, strawberry.argument(directives=[weight(7)])] = None,  # noqa: ARG002 - it costs
    ) -> list[Thing]:
        """Return some things."""
        return _things(info, 4)

    @strawberry.field
    def author(self, info: strawberry.Info) -> Author | None:
        """Return an author, or nobody."""
        return _one(info, Author)


SCHEMA: GraphQLSchema = strawberry.Schema(query=Query, types=[Book, Author])._schema


def executed(document: str, variables: dict[str, Any], seed: int) -> tuple[ExecutionResult, float]:
    """Execute an operation on a library drawn by lot, and return the result with what was counted meanwhile."""
    spent = [weight_of(SCHEMA.type_map["Query"])]

    def count(resolve: Callable[..., Any], root: object, info: GraphQLResolveInfo[Random], **arguments: Any) -> Any:
        value = resolve(root, info, **arguments)
        called = info.parent_type.fields.get(info.field_name)
        if called is None:  # __typename
            return value
        given = [argument.name.value for argument in info.field_nodes[0].arguments or ()]
        spent.append(weight_of(called) + sum(weight_of(called.args[name]) for name in given))
        spent.extend(weight_of(SCHEMA.type_map[type(one).__name__]) for one in _objects(value))
        return value

    lot = Random(seed)  # noqa: S311 - a draw that can be repeated
    result = execute_sync(SCHEMA, parse(document), context_value=lot, variable_values=variables, middleware=[count])
    assert not isinstance(result, list)
    return result, sum(spent)


def _objects(value: Any) -> Iterable[object]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if get_object_definition(one) is not None]


def _page(info: strawberry.Info, first: int | None, last: int | None) -> BookConnection:
    return BookConnection(nodes=_books(info, first or last or DEFAULT_PAGE), count=1)


def _books(info: strawberry.Info, most: int) -> list[Book]:
    return [Book(name="b") for _ in range(_draw(info, most))]


def _things(info: strawberry.Info, most: int) -> list[Thing]:
    lot: Random = info.context
    return [lot.choice((Book, Author))(name="t") for _ in range(_draw(info, most))]


def _one(info: strawberry.Info, kind: type[Author]) -> Author | None:
    return kind(name="a") if _draw(info, 1) else None


def _draw(info: strawberry.Info, most: int) -> int:
    """Return how many come: usually as many as may."""
    lot: Random = info.context
    return min(most, MOST) if lot.random() < 0.7 else lot.randint(0, min(most, MOST))
