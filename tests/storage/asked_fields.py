"""Which fields of the schema lead to further reads, and which ones a document asks for."""

from collections.abc import Iterator

import strawberry
from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, get_named_type, parse, visit
from strawberry.types.base import StrawberryObjectDefinition

from gateway.graph.words import AtThisMoment, Derived, Stored


def fields_that_read(schema: strawberry.Schema) -> Iterator[str]:
    """Yield the fields that more is read for than the document that they are of."""
    for concrete in schema.schema_converter.type_map.values():
        definition = concrete.definition
        if isinstance(definition, StrawberryObjectDefinition) and not definition.is_input:
            for field in definition.fields:
                if not isinstance(field.metadata.get("plan"), Stored | Derived | AtThisMoment) and field.base_resolver:
                    name = schema.config.name_converter.get_graphql_name(field)
                    yield f"{schema.config.name_converter.from_type(definition)}.{name}"


def fields_in(document: str, schema: strawberry.Schema) -> set[str]:
    """Return the fields that a document asks for, each with its type."""
    types = TypeInfo(schema._schema)
    found: set[str] = set()

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = get_named_type(types.get_parent_type())
            found.add(f"{parent.name if parent else ''}.{node.name.value}")

    visit(parse(document), TypeInfoVisitor(types, Fields()))
    return found
