"""Outcomes, and the models that predict them."""

from datetime import datetime
from enum import Enum

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import values
from gateway.graph.loaders import NewestModelByOutcome
from gateway.graph.node import Node, global_id
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.conditions import ContextConditions, JourneyConditions
from gateway.graph.words import Row, at_this_moment, derived, one, stored


@strawberry.enum(description="How a model has learned.")
class ModelKind(Enum):
    """Kinds of models."""

    BASE_RATE = strawberry.enum_value(
        "BASE_RATE",
        description="Of past sessions with as many page views, the smoothed share that reached the outcome.",
    )


@strawberry.type(
    description="What was learned about one outcome, and from how much.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class PredictionModel(Node):
    """A model."""

    id: strawberry.ID = global_id("PredictionModel")
    kind: ModelKind = stored("kind", "How it has learned.")
    trained_date: datetime = stored("trainedDate", "When it has learned.")
    session_count: int | None = at_this_moment(
        values.of_all_divisions("sessionCount"),
        "How many past sessions it has learned from, of all divisions; null for who does not see all of them.",
        reads=("sessionCount",),
    )
    achieved_count: int | None = at_this_moment(
        values.of_all_divisions("achievedCount"),
        "How many of them reached the outcome; null for who does not see all divisions.",
        reads=("achievedCount",),
    )

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored model."""
        return "trainedDate" in value


@strawberry.enum(description="What kind of number the associated value of an outcome is.")
class AssociatedValueType(Enum):
    """Types of associated values."""

    NUMBER = strawberry.enum_value("Number", description="Any number.")
    INTEGER = strawberry.enum_value("Integer", description="A whole number.")


@strawberry.type(
    description="The attribute of the achieving event that tells what an outcome is worth.", directives=[PUBLIC]
)
class AssociatedValueField:
    """A name and a type."""

    name: str = stored("name", "The attribute: attributes.<name>.value.")
    data_type: AssociatedValueType = derived(
        lambda row: AssociatedValueType(row["dataType"]), "What kind of number it is.", reads=("dataType",)
    )


@strawberry.type(
    description="A goal of the site: something that visits should, or should not, lead to.",
    directives=[requires(Permission.OUTCOME_VIEW)],
)
class Outcome(Node):
    """An outcome."""

    id: strawberry.ID = global_id("Outcome")
    display_name: str = stored("displayName", "Its name, as people see it.")
    description: str | None = stored("description", "What it means.")
    is_active: bool = stored("isActive", "Whether it is looked for and predicted.")
    is_positive: bool = stored("isPositive", "Whether it is something to wish for.")
    event_name: str | None = stored(
        "eventName", "The event by which a session achieves it, such as order_completed; null where conditions say so."
    )
    context: ContextConditions | None = stored("context", "What the visit must be.")
    journey: JourneyConditions | None = stored("journey", "What must happen.")
    associated_value_field: AssociatedValueField | None = stored(
        "associatedValueField", "What tells how much it is worth."
    )
    version: int = stored("version", "Counts the changes of this definition, from 1.")
    created_date: datetime = stored("createdDate", "When it was defined.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")
    model: PredictionModel | None = one(NewestModelByOutcome, "_id", "The model that predicts it now.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored outcome."""
        return "isPositive" in value
