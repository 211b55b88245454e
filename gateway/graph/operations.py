"""From the text of an operation to a valid document, once for each text."""

from functools import lru_cache

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

MAX_KEPT = 512
"""Documents kept parsed and validated: parsing and validating cost more than executing a small one."""


class Operations:
    """Parses and validates documents against one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept = lru_cache(MAX_KEPT)(self._read)

    def read(self, text: str) -> DocumentNode | list[GraphQLError]:
        """Return the document, or what is wrong with it."""
        return self._kept(text)

    def _read(self, text: str) -> DocumentNode | list[GraphQLError]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return [error]
        return validate(self._schema, document) or document
