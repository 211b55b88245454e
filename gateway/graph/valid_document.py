"""A document that can be executed, with what is known of it before any request: read once for each text."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    Token,
    Visitor,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.language.visitor import BREAK, VisitorAction
from graphql.validation import recommended_rules
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from gateway.access.permissions import Permission
from gateway.graph.cost import OperationCost
from gateway.graph.errors import BadDocument
from gateway.graph.forbidden import forbidden_fields
from gateway.graph.limits import Limits, check_document, check_text
from gateway.graph.requires import Place
from gateway.graph.time_limit import time_limit_of

MAX_KEPT = 512
MAX_KEPT_TOKENS = 100_000
"""Documents kept read, and the tokens in them, at 400 bytes each: reading costs more than executing a small one."""
MAX_ERRORS = 20
"""Mistakes of one document that are told."""
MAX_FORBIDDEN = 64
"""Sets of permissions for which it is kept what they forbid of a document."""

RULES = (*specified_rules, *recommended_rules, MaybeNullValidationRule)
"""The rules of the specification, graphql-core's against introspection in circles, and Strawberry's for arguments that
may be left out but not be null."""


class ValidDocument:
    """A document that fits the schema and the limits."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        #: The document itself.
        self.document = document
        #: Whether it asks for the schema.
        self.introspects = _introspects(document)
        self._costs: dict[str | None, OperationCost] = {}
        self._seconds: dict[str | None, float | None] = {}
        self._forbidden: dict[tuple[str | None, frozenset[str]], Mapping[Place, Permission]] = {}

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation of this name, or the only one.

        Raises:
            BadDocument: there is none, or there are several and none is named.
        """
        found = get_operation_ast(self.document, name)
        if found is None:
            told = (
                f"There is no operation named {name!r}." if name else "Say by `operationName` which operation to run."
            )
            raise BadDocument([GraphQLError(told)])
        return found

    def cost(self, name: str | None) -> OperationCost:
        """Return what tells the cost of an operation that is there."""
        if name not in self._costs:
            self._costs[name] = OperationCost(self._schema, self.document, name)
        return self._costs[name]

    def seconds(self, name: str | None) -> float | None:
        """Return what an operation that is there may take in the place of the usual seconds, None if these hold."""
        if name not in self._seconds:
            self._seconds[name] = time_limit_of(self._schema, self.document, self.operation(name))
        return self._seconds[name]

    def forbidden(self, name: str | None, permissions: frozenset[str]) -> Mapping[Place, Permission]:
        """Return the fields of an operation that these permissions do not open, each with the one that would."""
        key = (name, permissions)
        found = self._forbidden.get(key)
        if found is None:
            if len(self._forbidden) >= MAX_FORBIDDEN:
                self._forbidden.clear()
            found = self._forbidden[key] = forbidden_fields(self._schema, self.document, name, permissions)
        return found


class ValidDocuments:
    """Reads documents against one schema, and keeps the valid ones that were read last."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, ValidDocument] = OrderedDict()
        self._tokens = 0

    def read(self, text: str) -> ValidDocument:
        """Return the document.

        Raises:
            LimitExceeded: it holds more than one may.
            BadDocument: it is no GraphQL, or does not fit the schema.
        """
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
            return found
        document = self._read(text)
        self._keep(text, document)
        return document

    def _read(self, text: str) -> ValidDocument:
        check_text(text, self._limits)
        try:
            document = parse(text)
        except GraphQLError as error:
            raise BadDocument([error.with_traceback(None)]) from None
        check_document(document, self._limits)
        errors = validate(self._schema, document, RULES, max_errors=MAX_ERRORS, hide_suggestions=True)
        if errors:
            raise BadDocument(errors)
        _part_tokens(document)
        return ValidDocument(self._schema, document)

    def _keep(self, text: str, document: ValidDocument) -> None:
        self._kept[text] = document
        self._tokens += _tokens_of(document)
        while len(self._kept) > MAX_KEPT or self._tokens > MAX_KEPT_TOKENS:
            _, forgotten = self._kept.popitem(last=False)
            self._tokens -= _tokens_of(forgotten)


def _tokens_of(document: ValidDocument) -> int:
    return int(getattr(document.document, "token_count", 0))


def _introspects(document: DocumentNode) -> bool:
    visitor = _FindsIntrospection()
    visit(document, visitor)
    return visitor.found


class _FindsIntrospection(Visitor):
    """Looks for the fields of the specification that tell the schema; `__typename` tells none of it."""

    found = False

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        """Stop at the first such field."""
        if node.name.value in {"__schema", "__type"}:
            self.found = True
            return BREAK
        return None


def _part_tokens(document: DocumentNode) -> None:
    """Let the tokens of a document forget one another; what is told of errors needs their places alone.

    Each knows the one before and the one after. Such circles are freed by a full collection of garbage only, which
    comes seldom: until then a process would grow with every document that it no longer keeps.
    """
    token: Token | None = document.loc.start_token if document.loc else None
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following
