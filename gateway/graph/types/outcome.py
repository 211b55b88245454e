"""Outcomes, and the models that predict them."""

from datetime import datetime
from enum import Enum

import strawberry

from gateway.graph.loaders import NewestModelByOutcome
from gateway.graph.node import Node, global_id
from gateway.graph.words import Row, one, stored


@strawberry.enum(description="How a model has learned.")
class ModelKind(Enum):
    """Kinds of models."""

    BASE_RATE = strawberry.enum_value(
        "BASE_RATE",
        description="Of past sessions with as many page views, the smoothed share that reached the outcome.",
    )


@strawberry.type(description="What was learned about one outcome, and from how much.")
class PredictionModel(Node):
    """A model."""

    id: strawberry.ID = global_id("PredictionModel")
    kind: ModelKind = stored("kind", "How it has learned.")
    trained_date: datetime = stored("trainedDate", "When it has learned.")
    session_count: int = stored("sessionCount", "How many past sessions it has learned from.")
    achieved_count: int = stored("achievedCount", "How many of them reached the outcome.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored model."""
        return "trainedDate" in value


@strawberry.type(description="A goal of the site: something that visits should, or should not, lead to.")
class Outcome(Node):
    """An outcome."""

    id: strawberry.ID = global_id("Outcome")
    display_name: str = stored("displayName", "Its name, as people see it.")
    description: str | None = stored("description", "What it means.")
    is_active: bool = stored("isActive", "Whether it is looked for and predicted.")
    is_positive: bool = stored("isPositive", "Whether it is something to wish for.")
    event_name: str = stored("eventName", "The event by which a session achieves it, such as order_completed.")
    version: int = stored("version", "Counts the changes of this definition, from 1.")
    created_date: datetime = stored("createdDate", "When it was defined.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")
    model: PredictionModel | None = one(NewestModelByOutcome, "_id", "The model that predicts it now.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored outcome."""
        return "isPositive" in value
