"""What can be followed live. Each message carries a cursor; `after` goes on from it without a gap or a repeat."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.contact_queries import contact_looked_at
from gateway.graph.errors import BadInput
from gateway.graph.filters import Sessions, lasting_conditions, session_matcher
from gateway.graph.forbidden import demand, demand_of_input
from gateway.graph.loaders import CanonicalContact, ContactById, SessionById
from gateway.graph.node import stored_id_of
from gateway.graph.requires import requires
from gateway.graph.types.journey import Contact, Event, Session
from gateway.graph.types.prediction import Prediction
from gateway.graph.words import Info, one, stored
from gateway.live.feed import feed
from gateway.live.happening import Topic
from gateway.live.journey import JourneyWish
from gateway.live.predictions import PredictionWish
from gateway.live.presence import PresenceWish, presence_feed
from gateway.storage.sight import Sight, both

CURSOR = "The place of this message: pass it as `after` to go on from here without a gap or a repeat."
Resume = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the last message that was received, to go on from there."),
]


@strawberry.type(
    description="A session as it is now: because it is in the snapshot, because of an event, or by falling silent.",
    directives=[requires(Permission.SESSION_VIEW)],
)
class PresenceChanged:
    """A message of `presence`."""

    cursor: str = stored("cursor", CURSOR)
    session: Session = stored("session", "The session.")


@strawberry.type(description="A prediction that was just told.", directives=[requires(Permission.OUTCOME_SCORES_VIEW)])
class PredictionChanged:
    """A message of `predictions`."""

    cursor: str = stored("cursor", CURSOR)
    prediction: Prediction = stored("prediction", "The prediction.")
    session: Session | None = stored("session", "The session it is about.")


@strawberry.type(
    description="Something that happened to the contact: an event, and by it perhaps a new session or an outcome.",
    directives=[requires(Permission.EVENT_VIEW)],
)
class JourneyChanged:
    """A message of `journey`."""

    cursor: str = stored("cursor", CURSOR)
    event: Event = stored("event", "What happened.")
    session: Session | None = one(SessionById, "event.sessionId", "The session in which it happened.")
    contact: Contact | None = one(CanonicalContact, "event.contactId", "The contact that stands for the customer.")


@strawberry.type(description="What can be followed live.")
class Subscription:
    """The root of subscriptions. A value of every type is a mapping: hence the ignored types.

    The `key` in each value is the same for all subscribers that are told the same; see `shared_answers`.
    """

    @strawberry.subscription(
        description="The sessions that are not over, then each one that changes: LIVE with an event, AWAY 45 s and "
        "INACTIVE 60 s after it.",
        directives=[requires(Permission.SESSION_VIEW)],
    )
    async def presence(
        self,
        info: Info,
        filter: Sessions = None,  # noqa: A002 - the name of the contract
        after: Resume = None,
    ) -> AsyncGenerator[PresenceChanged, None]:
        """Yield a message per session and change."""
        context = info.context
        demand_of_input(context.viewer, filter)
        conditions = lasting_conditions(filter, context.sight)
        contact_id = conditions.pop("contactId", None)
        sight = await _sight_of_customer(info, contact_id)
        topic: Topic | None = ("contact", contact_id) if contact_id else None
        matches = session_matcher(filter and replace(filter, contact_id=None), context.clock, sight)
        wish = PresenceWish(both(conditions, sight.of("sessions")), matches, context.session_timeout, topic)
        messages = presence_feed(context.hub, context.database, wish, after)
        async for message in messages:
            yield {"key": message.key, "cursor": message.cursor, "session": message.row}  # type: ignore[misc]

    @strawberry.subscription(
        description="Each prediction as it is told, of one session, of a contact's, or of all.",
        directives=[requires(Permission.OUTCOME_SCORES_VIEW)],
    )
    async def predictions(
        self,
        info: Info,
        session_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this session.")] = None,
        contact_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only of this customer's sessions.",
                directives=[requires(Permission.CONTACT_SESSION_VIEW)],
            ),
        ] = None,
        outcome_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only for this outcome.")] = None,
        after: Resume = None,
    ) -> AsyncGenerator[PredictionChanged, None]:
        """Yield a message per prediction."""
        if session_id is not None and contact_id is not None:
            raise BadInput("Pass `sessionId` or `contactId`, not both.", field="contactId")
        if contact_id is not None:
            demand(info.context.viewer, Permission.CONTACT_SESSION_VIEW, "Subscription.predictions(contactId:)")
        stored_contact_id = stored_id_of("Contact", contact_id, "contactId") if contact_id else None
        wish = PredictionWish(
            session_id=stored_id_of("Session", session_id, "sessionId") if session_id else None,
            contact_id=stored_contact_id,
            outcome_id=stored_id_of("Outcome", outcome_id, "outcomeId") if outcome_id else None,
            session_timeout=info.context.session_timeout,
            sight=await _sight_of_customer(info, stored_contact_id),
        )
        async for message in feed(info.context.hub, wish, after):
            yield {"key": message.key, "cursor": message.cursor, **message.row}  # type: ignore[misc]

    @strawberry.subscription(
        description="Everything that happens to a customer from now on, or from `after` on. When another contact turns "
        "out to be the same customer, what happened to it before is told at once, in order.",
        directives=[requires(Permission.CONTACT_SESSION_VIEW)],
    )
    async def journey(
        self,
        info: Info,
        contact_id: Annotated[strawberry.ID, strawberry.argument(description="Any contact of the customer.")],
        after: Resume = None,
    ) -> AsyncGenerator[JourneyChanged, None]:
        """Yield a message per event."""
        stored_contact_id = stored_id_of("Contact", contact_id, "contactId")
        await contact_looked_at(info, stored_contact_id)
        wish = JourneyWish(stored_contact_id, await _sight_of_customer(info, stored_contact_id))
        async for message in feed(info.context.hub, wish, after):
            yield {"key": message.key, "cursor": message.cursor, "event": message.row}  # type: ignore[misc]


async def _sight_of_customer(info: Info, contact_id: str | None) -> Sight:
    """Return what is seen of the customer that somebody follows: nothing, if the contact is hidden."""
    sight = info.context.sight
    if contact_id is None or not sight.hides_contacts:
        return sight
    contact = await info.context.loader(ContactById).load(contact_id)
    return Sight(frozenset(), contacts_apart=True) if contact is None else sight
