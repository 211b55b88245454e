"""What the site has defined, as the domain needs it while it applies events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gateway.journey.identifier import DEFAULT_REGION
from gateway.journey.identity_resolution import LinkPolicies
from gateway.journey.outcome import Outcome
from gateway.journey.segment import Segment, SegmentScope
from gateway.journey.watch import Watch, Watched

SESSION_TIMEOUT = timedelta(minutes=20)
CONTACT_EXPIRY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Definitions:
    """The rules in force: time-outs, and what is watched for in sessions and over all sessions of a customer.

    `default_region` is where telephone numbers without a country code are dialled (ISO 3166-1 alpha-2), `link_policies`
    which claims join contacts by themselves. `outcomes` and `segments` are the active ones by id; `number` grows with
    every change of them.
    """

    session_timeout: timedelta = SESSION_TIMEOUT
    contact_expiry: timedelta = CONTACT_EXPIRY
    default_region: str = DEFAULT_REGION
    link_policies: LinkPolicies = field(default_factory=LinkPolicies)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    of_session: Watch = field(default_factory=Watch)
    of_customer: Watch = field(default_factory=Watch)
    number: int = 0

    @property
    def ask_about_visit(self) -> bool:
        """Whether anything depends on what is known of a visit."""
        return self.of_session.asks_about_visit or self.of_customer.asks_about_visit


def definitions_of(
    outcomes: Iterable[Outcome], segments: Iterable[Segment] = (), number: int = 0, rules: Definitions | None = None
) -> Definitions:
    """Return the definitions with those of these outcomes and segments that are active; `rules` are the rest."""
    active = {outcome.id: outcome for outcome in outcomes if outcome.is_active}
    kinds = {segment.id: segment for segment in segments if segment.is_active}
    watched = [Watched(one.id, one.version, one.conditions) for one in active.values()]
    of_session = [_watched(one) for one in kinds.values() if one.scope is SegmentScope.SESSION]
    of_customer = [_watched(one) for one in kinds.values() if one.scope is SegmentScope.CUSTOMER]
    return replace(
        rules or Definitions(),
        outcomes=active,
        segments=kinds,
        of_session=Watch([*watched, *of_session]),
        of_customer=Watch(of_customer),
        number=number,
    )


def _watched(segment: Segment) -> Watched:
    return Watched(segment.id, segment.version, segment.conditions)
