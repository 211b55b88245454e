"""What fields cost, declared beside them and shown in the schema: @cost and @listSize of IBM's specification.

    contacts: Connection[Contact] = strawberry.field(..., directives=[PAGED])
    predictions: list[Prediction] = derived(..., size=10)
    search: Annotated[str | None, strawberry.argument(..., directives=[weight(5)])]

https://ibm.github.io/graphql-specs/cost-spec.html. Where nothing is declared, its defaults hold: 1 for what is made of
fields, be it a field, a type or an argument, and 0 for scalars and enums.
"""

from typing import TypeVar

import strawberry
from graphql import GraphQLArgument, GraphQLField, GraphQLNamedType, get_named_type, is_leaf_type
from strawberry.schema_directive import Location

from gateway.graph.windows import DEFAULT_PAGE

UNKNOWN_SIZE = 10
"""How many a list is taken to have that says nothing of it. Every list of objects in our schema does."""


@strawberry.schema_directive(
    name="cost",
    locations=[
        Location.ARGUMENT_DEFINITION,
        Location.ENUM,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.OBJECT,
        Location.SCALAR,
    ],
    description="What it adds to the cost of an operation: a field or an argument each time it is asked for, a type "
    "each time one of its objects may come. Without it 1, for scalars and enums 0.",
)
class Cost:
    """The directive that names a weight."""

    weight: str


@strawberry.schema_directive(
    name="listSize",
    locations=[Location.FIELD_DEFINITION],
    description="How many of a list may come, of the field itself or of its sized fields: as many as the largest of "
    "the slicing arguments says, or else the assumed size.",
)
class ListSize:
    """The directive that tells the size of a list before it is made."""

    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = strawberry.UNSET


PAGED = ListSize(
    assumed_size=DEFAULT_PAGE,
    slicing_arguments=["first", "last"],
    sized_fields=["nodes", "edges"],
    require_one_slicing_argument=False,
)
"""A page of a list: what `first` or `last` asks for, in `nodes` or `edges`."""


def weight(number: float) -> Cost:
    """Declare what a field, an argument or a type costs."""
    return Cost(weight=f"{number:g}")


def size(number: int) -> ListSize:
    """Declare how many a list without pages has: at most, or where nothing bounds it, usually."""
    return ListSize(assumed_size=number)


def weight_of(element: GraphQLField | GraphQLArgument | GraphQLNamedType) -> float:
    """Return what an element of the schema costs, declared or by default."""
    declared = _declared(element, Cost)
    if declared is not None:
        number = float(declared.weight)
        return int(number) if number.is_integer() else number
    type_ = element if isinstance(element, GraphQLNamedType) else get_named_type(element.type)
    return 0 if is_leaf_type(type_) else 1


def list_size_of(field: GraphQLField) -> ListSize | None:
    """Return what a field declares of the size of its list."""
    return _declared(field, ListSize)


Directive = TypeVar("Directive")


def _declared(element: GraphQLField | GraphQLArgument | GraphQLNamedType, kind: type[Directive]) -> Directive | None:
    definition = element.extensions.get("strawberry-definition")
    directives = getattr(definition, "directives", None) or ()
    return next((one for one in directives if isinstance(one, kind)), None)
