"""The schema, and how it answers errors."""

from datetime import datetime

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from gateway.graph.errors import as_seen_by_clients
from gateway.graph.mutation import Mutation
from gateway.graph.query import Query
from gateway.graph.scalars import date_time
from gateway.graph.subscription import Subscription
from gateway.graph.types.journey import Contact, Event, Session
from gateway.graph.types.outcome import Outcome
from gateway.graph.types.prediction_model import PredictionModel
from gateway.graph.types.rejected_event import RejectedEvent
from gateway.graph.types.segment import Segment


class ErrorCodes(MaskErrors):
    """Gives each error the code of the table; an unexpected one is logged under an id and shown with nothing but it."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=lambda _error: True)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """Return the error as the client sees it."""
        return as_seen_by_clients(error)


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
        types=[Contact, Session, Event, Outcome, PredictionModel, RejectedEvent, Segment],
        extensions=[ErrorCodes],
        config=StrawberryConfig(scalar_map={datetime: date_time()}),
    )
