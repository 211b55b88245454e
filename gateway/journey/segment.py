"""Segments: kinds of visitors, told by what a visit is and what happens in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gateway.journey.conditions import Conditions
from gateway.journey.division import HOME


class SegmentScope(Enum):
    """Whether a segment is of a session and ends with it, or of the customer and looks over all sessions."""

    SESSION = "Session"
    CUSTOMER = "Customer"


class ExternalSegmentSource(Enum):
    """Where the members of an external segment are told from."""

    ADOBE_EXPERIENCE_PLATFORM = "AdobeExperiencePlatform"
    CUSTOM = "Custom"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment. `assignment_expiration_days` None: an assignment lasts as long as what it is about.

    Of an external one another system tells who is in it: it has no conditions.
    """

    id: str
    display_name: str
    version: int
    conditions: Conditions
    scope: SegmentScope = SegmentScope.SESSION
    is_active: bool = True
    assignment_expiration_days: int | None = None
    is_external: bool = False


@dataclass(frozen=True, slots=True)
class SegmentAssignment:
    """That a session, or a customer, belongs to a segment since `assigned_date`, by the event of this id if by one.

    `expires_date` None: it does not expire by itself. `division_id`, of a customer's, is that of the event, None for
    the home division: a customer may be seen by people who do not see every division. Of one that another system has
    made, by no event, it is the division of who made it, None for everybody who sees the customer.
    """

    segment_id: str
    assigned_date: datetime
    event_id: str | None = None
    expires_date: datetime | None = None
    division_id: str | None = None

    @property
    def is_for_everybody(self) -> bool:
        """Whether whoever sees the customer sees it, of whichever divisions."""
        return self.event_id is None and self.division_id is None

    def is_seen_in(self, division_id: str | None) -> bool:
        """Tell whether it is seen in this division; None stands for HOME."""
        return self.is_for_everybody or (self.division_id or HOME) == (division_id or HOME)

    def is_in_force(self, at: datetime) -> bool:
        """Tell whether it has not expired."""
        return self.expires_date is None or at < self.expires_date


def assignment_of(segment: Segment, at: datetime, event_id: str | None = None) -> SegmentAssignment:
    """Return the assignment of a segment that is met at this time."""
    days = segment.assignment_expiration_days
    expires = None if days is None else at + timedelta(days=days)
    return SegmentAssignment(segment.id, at, event_id, expires)
