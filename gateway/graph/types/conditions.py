"""Conditions of segments and outcomes, to be read and to be given."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from gateway.graph.requires import PUBLIC
from gateway.graph.words import derived, stored
from gateway.journey.conditions import Conditions
from gateway.journey.conditions_format import conditions_from
from gateway.journey.segment import SegmentScope
from gateway.journey.told_conditions import told_conditions

KEY = (
    "What is asked about. Of a visit: device.category, browser.family, mktCampaign.source, referrer.medium ... "
    "Of events: eventName, page.url, page.pathname, searchQuery, attributes.<name>.value ..."
)


@strawberry.enum(description="How a value is compared. What is not told fits the negative operators alone.")
class Operator(Enum):
    """Operators."""

    CONTAINS_ALL = strawberry.enum_value("containsAll", description="It contains each of the texts.")
    CONTAINS_ANY = strawberry.enum_value("containsAny", description="It contains one of the texts, or several.")
    NOT_CONTAINS_ALL = strawberry.enum_value("notContainsAll", description="It lacks one of the texts, or several.")
    NOT_CONTAINS_ANY = strawberry.enum_value("notContainsAny", description="It contains none of the texts.")
    EQUAL = strawberry.enum_value("equal", description="It is one of the texts.")
    NOT_EQUAL = strawberry.enum_value("notEqual", description="It is none of the texts.")
    GREATER_THAN = strawberry.enum_value("greaterThan", description="It is a greater number than the first value.")
    GREATER_THAN_OR_EQUAL = strawberry.enum_value("greaterThanOrEqual", description="It is a number at least as great.")
    LESS_THAN = strawberry.enum_value("lessThan", description="It is a smaller number than the first value.")
    LESS_THAN_OR_EQUAL = strawberry.enum_value("lessThanOrEqual", description="It is a number at most as great.")
    STARTS_WITH = strawberry.enum_value("startsWith", description="It starts with one of the texts.")
    ENDS_WITH = strawberry.enum_value("endsWith", description="It ends with one of the texts.")


@strawberry.type(description="One question about a visit or an event.", directives=[PUBLIC])
class Criterion:
    """A criterion."""

    key: str = stored("key", KEY)
    values: list[str] = stored("values", "What it is compared with.")
    operator: Operator = derived(lambda row: Operator(row["operator"]), "How it is compared.", reads=("operator",))
    should_ignore_case: bool = stored(
        "shouldIgnoreCase", "Whether the case of letters counts for nothing.", absent=False
    )


@strawberry.type(description="Criteria about a visit, all of which must hold.", directives=[PUBLIC])
class ContextPattern:
    """A pattern of a context."""

    criteria: list[Criterion] = stored("criteria", "The criteria.", absent=(), size=20)


@strawberry.type(description="What a visit must be: all of its patterns.", directives=[PUBLIC])
class ContextConditions:
    """Conditions about the visit."""

    patterns: list[ContextPattern] = stored("patterns", "The patterns.", absent=(), size=20)


@strawberry.type(description="Events of one kind: all of its criteria must hold.", directives=[PUBLIC])
class JourneyPattern:
    """A pattern of a journey."""

    criteria: list[Criterion] = stored("criteria", "The criteria.", absent=(), size=20)
    count: int = stored("count", "How often it must occur; 0 is never, which is known when the session is over.")
    event_name: str | None = stored("eventName", "Name of the event; null is any.")
    stream_type: str = stored("streamType", "Web or App.")
    session_type: str = stored("sessionType", "web or app.")


@strawberry.type(
    description="What must happen: its patterns, one after the other; an event counts for one of them alone.",
    directives=[PUBLIC],
)
class JourneyConditions:
    """Conditions about events."""

    patterns: list[JourneyPattern] = stored("patterns", "The patterns, in order.", absent=(), size=20)


@strawberry.input(description="One question about a visit or an event.")
class CriterionInput:
    """A criterion to define."""

    key: str = strawberry.field(description=KEY)
    values: list[str] = strawberry.field(description="What it is compared with: 1 to 100 texts.")
    operator: Operator = strawberry.field(default=Operator.EQUAL, description="How it is compared.")
    should_ignore_case: bool = strawberry.field(
        default=False, description="Whether the case of letters counts for nothing."
    )

    def written(self) -> dict[str, object]:
        """Return it as it is stored."""
        return {
            "key": self.key,
            "values": self.values,
            "operator": self.operator.value,
            "shouldIgnoreCase": self.should_ignore_case,
        }


@strawberry.input(description="Criteria about a visit, all of which must hold.")
class ContextPatternInput:
    """A pattern of a context to define."""

    criteria: list[CriterionInput] = strawberry.field(description="The criteria: 1 to 20.")


@strawberry.input(description="What a visit must be: all of its patterns.")
class ContextConditionsInput:
    """Conditions about the visit to define."""

    patterns: list[ContextPatternInput] = strawberry.field(description="The patterns: 1 to 20.")

    def written(self) -> dict[str, object]:
        """Return them as they are stored."""
        return {"patterns": [{"criteria": [one.written() for one in pattern.criteria]} for pattern in self.patterns]}


@strawberry.input(description="Events of one kind: all of its criteria must hold.")
class JourneyPatternInput:
    """A pattern of a journey to define."""

    criteria: list[CriterionInput] = strawberry.field(
        default_factory=list, description="The criteria: up to 20; none with an eventName alone."
    )
    count: int = strawberry.field(
        default=1, description="How often it must occur, 1 to 1,000; 0 is never, but not in segments of customers."
    )
    event_name: str | None = strawberry.field(
        default=None, description="Name of the event, in whatever spelling: Order Completed; null is any."
    )
    stream_type: str = strawberry.field(default="Web", description="Web or App.")
    session_type: str = strawberry.field(default="web", description="web or app, as the streamType.")

    def written(self) -> dict[str, object]:
        """Return it as it is stored."""
        return {
            "criteria": [one.written() for one in self.criteria],
            "count": self.count,
            "eventName": self.event_name,
            "streamType": self.stream_type,
            "sessionType": self.session_type,
        }


@strawberry.input(description="What must happen: its patterns, one after the other.")
class JourneyConditionsInput:
    """Conditions about events to define."""

    patterns: list[JourneyPatternInput] = strawberry.field(description="The patterns, in order: 1 to 20.")

    def written(self) -> dict[str, object]:
        """Return them as they are stored."""
        return {"patterns": [pattern.written() for pattern in self.patterns]}


def conditions_given(
    context: ContextConditionsInput | None,
    journey: JourneyConditionsInput | None,
    before: Mapping[str, Any] | None = None,
    scope: SegmentScope = SegmentScope.SESSION,
) -> Conditions:
    """Return the conditions that were given, as they are kept; what was not given is as it was before.

    Raises:
        InvalidValue: they make no sense; the field is named.
    """
    known = before or {}
    given = {
        "context": context.written() if context else known.get("context"),
        "journey": journey.written() if journey else known.get("journey"),
    }
    return told_conditions(conditions_from(given), scope)
