"""What the site has defined, as the domain needs it while it applies events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.journey.identifier import DEFAULT_REGION
from gateway.journey.identity_resolution import LinkPolicies
from gateway.journey.outcome import Outcome

SESSION_TIMEOUT = timedelta(minutes=20)
CONTACT_EXPIRY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Definitions:
    """The rules in force: time-outs, and the active outcomes under the name of the event that achieves them.

    `default_region` is where telephone numbers without a country code are dialled (ISO 3166-1 alpha-2),
    `link_policies` which claims join contacts by themselves.
    """

    session_timeout: timedelta = SESSION_TIMEOUT
    contact_expiry: timedelta = CONTACT_EXPIRY
    outcomes: Mapping[str, tuple[Outcome, ...]] = field(default_factory=dict)
    default_region: str = DEFAULT_REGION
    link_policies: LinkPolicies = field(default_factory=LinkPolicies)
