"""Segments: the kinds of visitors that the site has defined."""

from datetime import datetime
from enum import Enum

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.node import Node, global_id
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.conditions import ContextConditions, JourneyConditions
from gateway.graph.words import Row, derived, stored
from gateway.journey.segment import ExternalSegmentSource as DomainSource
from gateway.journey.segment import SegmentScope as DomainScope


@strawberry.enum(description="What a segment is of.")
class SegmentScope(Enum):
    """Scopes of segments."""

    SESSION = strawberry.enum_value(DomainScope.SESSION.value, description="A session: it ends with it.")
    CUSTOMER = strawberry.enum_value(
        DomainScope.CUSTOMER.value, description="The customer: it looks over all sessions, and outlasts them."
    )


@strawberry.enum(description="Who tells the members of an external segment.")
class ExternalSegmentSource(Enum):
    """Sources of external segments."""

    ADOBE_EXPERIENCE_PLATFORM = strawberry.enum_value(
        DomainSource.ADOBE_EXPERIENCE_PLATFORM.value, description="Adobe Experience Platform."
    )
    CUSTOM = strawberry.enum_value(DomainSource.CUSTOM.value, description="Another system, by this API.")


@strawberry.type(description="The segment of another system that a segment stands for.", directives=[PUBLIC])
class ExternalSegment:
    """An external segment."""

    id: str = stored("id", "Its id there.")
    name: str = stored("name", "Its name there.")
    source: ExternalSegmentSource = derived(
        lambda row: ExternalSegmentSource(row["source"]), "Who tells its members.", reads=("source",)
    )


@strawberry.type(
    description="A kind of visitors: by what a visit is, by what happens in it, or by both.",
    directives=[requires(Permission.SEGMENT_VIEW)],
)
class Segment(Node):
    """A segment."""

    id: strawberry.ID = global_id("Segment")
    display_name: str = stored("displayName", "Its name, as people see it.")
    description: str | None = stored("description", "What it means.")
    is_active: bool = stored("isActive", "Whether visitors come into it now.")
    color: str = stored("color", "The colour to show it in, such as #4a90e2.")
    scope: SegmentScope = derived(lambda row: SegmentScope(row["scope"]), "What it is of.", reads=("scope",))
    should_display_to_agent: bool = stored("shouldDisplayToAgent", "Whether agents are to see it.")
    context: ContextConditions | None = stored("context", "What the visit must be.")
    journey: JourneyConditions | None = stored("journey", "What must happen.")
    external_segment: ExternalSegment | None = stored("externalSegment", "What it stands for in another system.")
    assignment_expiration_days: int | None = stored(
        "assignmentExpirationDays", "Days after which an assignment ends by itself; null is never."
    )
    version: int = stored("version", "Counts the changes of this definition, from 1.")
    created_date: datetime = stored("createdDate", "When it was defined.")
    modified_date: datetime = stored("modifiedDate", "When it was last changed.")

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored segment."""
        return "shouldDisplayToAgent" in value
