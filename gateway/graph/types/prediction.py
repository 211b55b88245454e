"""Predictions: how likely a session is to reach an outcome, why, and how that went up and down during the visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import strawberry

from gateway.access.permissions import Permission
from gateway.graph import lists, values
from gateway.graph.connection import Connection
from gateway.graph.cost_directives import PAGED
from gateway.graph.loaders import OutcomeById, PredictionModelById, SessionById
from gateway.graph.node import stored_id_of
from gateway.graph.requires import requires
from gateway.graph.types.outcome import Outcome
from gateway.graph.types.prediction_model import PredictionModel
from gateway.graph.windows import Listed, window_of
from gateway.graph.words import NEVER_NULL, After, Before, First, Info, Last, Row, derived, one, stored

# Sessions refer to these types, and that module imports this one: hence by name.
SessionReference = Annotated["Session", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821
EventReference = Annotated["Event", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821


@strawberry.type(
    description="One of the things that moved a prediction most.", directives=[requires(Permission.OUTCOME_SCORES_VIEW)]
)
class Reason:
    """A reason."""

    words: str = stored("words", "What it is, said of the visitor: searched twice, viewed /cart 40 s ago.")
    effect: float = stored(
        "effect",
        "How far it moves the prediction, in log-odds: above 0 it raises the probability, below 0 it lowers it.",
    )


@strawberry.type(
    description="How likely a session is to reach an outcome, as told right after its last event.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class Prediction:
    """A prediction."""

    outcome: Outcome = one(OutcomeById, "outcomeId", "The outcome. " + NEVER_NULL)
    session: SessionReference = one(SessionById, "sessionId", "The session. " + NEVER_NULL)
    probability: float = stored("probability", "The probability, from 0 to 1.")
    session_max_probability: float = stored("sessionMaxProbability", "The highest one of this session so far.")
    quantile: float | None = derived(
        values.finite("quantile"),
        "The share of past sessions whose highest probability was lower.",
        reads=("quantile",),
    )
    session_max_quantile: float | None = derived(
        values.finite("sessionMaxQuantile"),
        "The same for this session's highest probability.",
        reads=("sessionMaxQuantile",),
    )
    reasons: list[Reason] = stored(
        "reasons",
        "What moved it most, the strongest first; none where the model knows page counts alone.",
        absent=(),
        size=3,
    )
    modified_date: datetime = stored("modifiedDate", "When it was told.")
    model: PredictionModel | None = one(PredictionModelById, "modelId", "The model that told it.")


@strawberry.type(
    description="A point of the curve of a visit: how likely it was to reach an outcome right after an event.",
    directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
)
class PredictionPoint:
    """What was told after one event."""

    created_date: datetime = stored("createdDate", "When the event happened.")
    sequence: int = stored("sequence", "The place of the event among the session's in order of arrival, from 1.")
    probability: float | None = derived(
        values.finite("probability"),
        "The probability, from 0 to 1; null where none was told, as the outcome was reached, or not predicted then.",
        reads=("predictions",),
    )
    event: EventReference | None = stored("event", "The event.")


def prediction_history_field() -> Any:
    """Declare the curve of a session: a point for each event, read as its events are."""

    async def resolve(  # type: ignore[no-untyped-def]  # noqa: ANN202
        root: strawberry.Parent[Row],
        info: Info,
        outcome_id: Annotated[strawberry.ID, strawberry.argument(description="For this outcome.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ):
        listing, window = lists.EVENTS_OF_SESSION, window_of(first, after, last, before)
        stored_outcome_id = stored_id_of("Outcome", outcome_id, "outcomeId")
        page = await info.context.pages(listing, window).load(root["_id"])
        points = [values.told_after(event, root, stored_outcome_id) for event in page.rows]
        return Listed(replace(page, rows=points), listing.order)

    text = "How likely it was to reach an outcome after each event, in order: the curve of the visit."
    return strawberry.field(
        resolver=resolve, description=text, directives=[PAGED], graphql_type=Connection[PredictionPoint] | None
    )
