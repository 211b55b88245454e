"""Previews: what a segment or an outcome would have matched, if it had been in force."""

from datetime import date as day_of

import strawberry

from gateway.graph.cost_directives import size
from gateway.graph.loaders import SessionById
from gateway.graph.requires import PUBLIC
from gateway.graph.types.conditions import ContextConditionsInput, JourneyConditionsInput
from gateway.graph.types.journey import Session
from gateway.graph.types.segment import SegmentScope
from gateway.graph.words import Info, Row, stored
from gateway.journey.preview import DEFAULT_DAYS, MAX_DAYS, MAX_EXAMPLES

DAYS = f"How many days are played, in UTC, the last of them today: 1 to {MAX_DAYS}."


@strawberry.input(description="A segment to try on the past.")
class PreviewSegmentInput:
    """Input of `previewSegment`."""

    context: ContextConditionsInput | None = strawberry.field(default=None, description="What the visit must be.")
    journey: JourneyConditionsInput | None = strawberry.field(default=None, description="What must happen.")
    scope: SegmentScope = strawberry.field(default=SegmentScope.SESSION, description="What it is of.")
    days: int = strawberry.field(default=DEFAULT_DAYS, description=DAYS)


@strawberry.input(description="An outcome to try on the past: by the name of an event, or by conditions.")
class PreviewOutcomeInput:
    """Input of `previewOutcome`."""

    event_name: str | None = strawberry.field(
        default=None, description="The event by which a session achieves it, such as order_completed."
    )
    context: ContextConditionsInput | None = strawberry.field(default=None, description="What the visit must be.")
    journey: JourneyConditionsInput | None = strawberry.field(default=None, description="What must happen.")
    days: int = strawberry.field(default=DEFAULT_DAYS, description=DAYS)


@strawberry.type(description="The sessions that began on a day.", directives=[PUBLIC])
class PreviewDay:
    """A day of a preview."""

    date: day_of = stored("date", "The day, in UTC.")
    session_count: int = stored("sessionCount", "How many began.")
    matched_session_count: int = stored("matchedSessionCount", "How many of them match.")


async def _examples(root: strawberry.Parent[Row], info: Info) -> list[Session]:
    """Return the sessions that are still there."""
    rows = await info.context.loader(SessionById).load_many(root["exampleIds"])
    return [row for row in rows if row is not None]  # type: ignore[misc]  # a value of this schema is a mapping


@strawberry.type(
    description="What would have matched in the last days, of what whoever asks sees. Sessions count on the day on "
    "which they began; those that began before are left out. For segments of customers, a session matches by which "
    "somebody comes into it. What is known of a visit is what was known of it in the end.",
    directives=[PUBLIC],
)
class Preview:
    """A preview."""

    session_count: int = stored("sessionCount", "How many sessions were played.")
    matched_session_count: int = stored("matchedSessionCount", "How many of them match.")
    contact_count: int = stored("contactCount", "How many contacts these sessions are of.")
    matched_contact_count: int = stored("matchedContactCount", "How many contacts have sessions that match.")
    event_count: int = stored("eventCount", "How many events were played.")
    is_complete: bool = stored(
        "isComplete", "Whether all were played. If not, it took too long, and the last days lack sessions."
    )
    days: list[PreviewDay] = stored("days", "The same for each day, in order.", size=MAX_DAYS)

    examples: list[Session] | None = strawberry.field(
        resolver=_examples,
        description=f"The first {MAX_EXAMPLES} sessions that match.",
        directives=[size(MAX_EXAMPLES)],
    )
