"""Previews of definitions, among the roots of what can be asked: they change nothing."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.cost_directives import weight
from gateway.graph.errors import BadInput
from gateway.graph.requires import requires
from gateway.graph.time_limit import takes_up_to
from gateway.graph.types.conditions import conditions_given
from gateway.graph.types.preview import Preview, PreviewOutcomeInput, PreviewSegmentInput
from gateway.graph.words import Info
from gateway.journey.conditions import Conditions, Pattern
from gateway.journey.segment import SegmentScope
from gateway.journey.told_conditions import told_event_name
from gateway.prediction.preview import PREVIEW_SECONDS

COST = weight(10_000)
"""It reads up to a million events: a few of them fill the usual budget of a minute."""
TIME = takes_up_to(PREVIEW_SECONDS)
Tried = Annotated[PreviewSegmentInput, strawberry.argument(description="The segment to try.")]
TriedOutcome = Annotated[PreviewOutcomeInput, strawberry.argument(description="The outcome to try.")]


@strawberry.type(description="What can be asked of definitions that are not in force yet.")
class PreviewQueries:
    """Roots about previews."""

    @strawberry.field(
        description="What a segment would have matched in the last days: stored events are played again. One preview "
        "is played at a time, a few wait; the client that goes away ends its own.",
        directives=[requires(Permission.SEGMENT_VIEW), COST, TIME],
    )
    async def preview_segment(self, info: Info, input: Tried) -> Preview:  # noqa: A002 - as mutations name it
        """Play the past for a segment."""
        scope = SegmentScope(input.scope.value)
        conditions = conditions_given(input.context, input.journey, scope=scope)
        return await _preview(info, conditions, scope, input.days)

    @strawberry.field(
        description="What an outcome would have matched in the last days: see `previewSegment`.",
        directives=[requires(Permission.OUTCOME_VIEW), COST, TIME],
    )
    async def preview_outcome(self, info: Info, input: TriedOutcome) -> Preview:  # noqa: A002
        """Play the past for an outcome."""
        return await _preview(info, _asked(input), SegmentScope.SESSION, input.days)


async def _preview(info: Info, conditions: Conditions, scope: SegmentScope, days: int) -> Preview:
    context = info.context
    divisions = context.sight.divisions
    found = await context.services.previews.preview(conditions, scope, days, context.clock(), divisions)
    return {  # type: ignore[return-value]  # a value of this schema is a mapping
        "sessionCount": found.session_count,
        "matchedSessionCount": found.matched_session_count,
        "contactCount": found.contact_count,
        "matchedContactCount": found.matched_contact_count,
        "eventCount": found.event_count,
        "isComplete": found.is_complete,
        "exampleIds": found.example_ids,
        "days": [
            {
                "date": day.date,
                "sessionCount": day.session_count,
                "matchedSessionCount": day.matched_session_count,
            }
            for day in found.days
        ],
    }


def _asked(tried: PreviewOutcomeInput) -> Conditions:
    if bool(tried.context or tried.journey) is (tried.event_name is not None):
        raise BadInput("Pass `eventName` or conditions (`context`, `journey`), one of the two.", field="eventName")
    if tried.event_name is not None:
        return Conditions(journey=(Pattern(event_name=told_event_name(tried.event_name)),))
    return conditions_given(tried.context, tried.journey)
