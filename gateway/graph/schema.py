"""The schema, and how it answers errors."""

from datetime import datetime
from uuid import uuid4

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.extensions import MaskErrors
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from gateway.graph.errors import RefusedError, code_of
from gateway.graph.mutation import Mutation
from gateway.graph.query import Query
from gateway.graph.scalars import date_time
from gateway.graph.subscription import Subscription
from gateway.graph.types.journey import Contact, Event, Session
from gateway.graph.types.outcome import Outcome, PredictionModel

log = structlog.get_logger(__name__)


class ErrorCodes(MaskErrors):
    """Gives each error the code of the table; an unexpected one is logged under an id and shown with nothing but it."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=lambda _error: True)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """Return the error as the client sees it."""
        code = code_of(error)
        if code is None:
            return _masked(error)
        extensions = {**(error.extensions or {}), "code": code}
        cause = error.original_error
        if isinstance(cause, RefusedError) and cause.field:
            extensions["field"] = cause.field
        return GraphQLError(
            error.message, error.nodes, error.source, error.positions, error.path, extensions=extensions
        )


class _Schema(strawberry.Schema):
    """The schema; errors are logged where they are masked, and not a second time."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing here."""


def make_schema() -> strawberry.Schema:
    """Return the schema."""
    return _Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Contact, Session, Event, Outcome, PredictionModel],
        extensions=[ErrorCodes],
        config=StrawberryConfig(scalar_map={datetime: date_time()}),
    )


def _masked(error: GraphQLError) -> GraphQLError:
    error_id = uuid4().hex
    log.error("resolver failed", error_id=error_id, path=error.path, exc_info=error.original_error)
    message = f"Something went wrong on our side. It is logged under the id {error_id}."
    return GraphQLError(
        message, error.nodes, error.source, error.positions, error.path, extensions={"code": "INTERNAL", "id": error_id}
    )
