"""What the site has defined, as the domain needs it while it applies events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.journey.outcome import Outcome

SESSION_TIMEOUT = timedelta(minutes=20)
CONTACT_EXPIRY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Definitions:
    """The rules in force: time-outs, and the active outcomes under the name of the event that achieves them."""

    session_timeout: timedelta = SESSION_TIMEOUT
    contact_expiry: timedelta = CONTACT_EXPIRY
    outcomes: Mapping[str, tuple[Outcome, ...]] = field(default_factory=dict)
