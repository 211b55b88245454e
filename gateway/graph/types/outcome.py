"""Outcomes: the goals that the site has defined."""

from datetime import datetime
from enum import Enum

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import lists
from gateway.graph.connection import Connection
from gateway.graph.loaders import NewestModelByOutcome
from gateway.graph.node import Node, global_id
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.conditions import ContextConditions, JourneyConditions
from gateway.graph.types.prediction_model import PredictionModel
from gateway.graph.words import Row, connection, derived, one, stored


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
    models: Connection[PredictionModel] | None = connection(
        lists.MODELS_OF_OUTCOME, "Every model that was trained for it, also those that never served, the newest first."
    )

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored outcome."""
        return "isPositive" in value
