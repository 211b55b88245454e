"""How long operations may take that ask for what takes long: declared beside such a field, as @timeLimit.

    @strawberry.field(description="...", directives=[takes_up_to(120)])

It holds for an operation that asks for such fields alone: whatever else it asked for would have that long as well.
"""

import strawberry
from graphql import DocumentNode, FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode
from strawberry.schema_directive import Location

from gateway.graph.selections import fragments_of, selected


@strawberry.schema_directive(
    name="timeLimit",
    locations=[Location.FIELD_DEFINITION],
    description="Seconds that an operation may take, in the place of the usual ones, which asks for nothing else but "
    "such fields. It ends when its client goes away.",
)
class TimeLimit:
    """The directive that names a time."""

    seconds: int


def takes_up_to(seconds: int) -> TimeLimit:
    """Declare how long an operation may take that asks for this root field alone."""
    return TimeLimit(seconds=seconds)


def time_limit_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> float | None:
    """Return the seconds that an operation may take in the place of the usual ones, or None when these hold."""
    root = schema.get_root_type(operation.operation)
    nodes = selected([operation.selection_set], fragments_of(document))
    names = {node.name.value for node in nodes if isinstance(node, FieldNode)} - {"__typename"}
    limits = [_declared(root, name) for name in names]
    longest = max((limit for limit in limits if limit is not None), default=None)
    return None if None in limits else longest


def _declared(root: GraphQLObjectType | None, name: str) -> int | None:
    field = root.fields.get(name) if root else None
    definition = field.extensions.get("strawberry-definition") if field else None
    directives = getattr(definition, "directives", None) or ()
    return next((one.seconds for one in directives if isinstance(one, TimeLimit)), None)
