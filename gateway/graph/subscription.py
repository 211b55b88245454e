"""What can be followed live. Each message carries a cursor; `after` goes on from it without a gap or a repeat."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Annotated

import strawberry

from gateway.graph.errors import BadInput
from gateway.graph.filters import Sessions, lasting_conditions, session_matcher
from gateway.graph.loaders import CanonicalContact, SessionById
from gateway.graph.node import stored_id_of
from gateway.graph.types.journey import Contact, Event, Prediction, Session
from gateway.graph.words import Info, one, stored
from gateway.live.feed import feed
from gateway.live.happening import Topic
from gateway.live.journey import JourneyWish
from gateway.live.predictions import PredictionWish
from gateway.live.presence import PresenceWish, presence_feed

CURSOR = "The place of this message: pass it as `after` to go on from here without a gap or a repeat."
Resume = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the last message that was received, to go on from there."),
]


@strawberry.type(
    description="A session as it is now: because it is in the snapshot, because of an event, or by falling silent."
)
class PresenceChanged:
    """A message of `presence`."""

    cursor: str = stored("cursor", CURSOR)
    session: Session = stored("session", "The session.")


@strawberry.type(description="A prediction that was just told.")
class PredictionChanged:
    """A message of `predictions`."""

    cursor: str = stored("cursor", CURSOR)
    prediction: Prediction = stored("prediction", "The prediction.")
    session: Session = stored("session", "The session it is about.")


@strawberry.type(
    description="Something that happened to the contact: an event, and by it perhaps a new session or an outcome."
)
class JourneyChanged:
    """A message of `journey`."""

    cursor: str = stored("cursor", CURSOR)
    event: Event = stored("event", "What happened.")
    session: Session = one(SessionById, "event.sessionId", "The session in which it happened.")
    contact: Contact = one(CanonicalContact, "event.contactId", "The contact that stands for the customer.")


@strawberry.type(description="What can be followed live.")
class Subscription:
    """The root of subscriptions. A value of every type is a mapping: hence the ignored types.

    The `key` in each value is the same for all subscribers that are told the same; see `shared_answers`.
    """

    @strawberry.subscription(
        description="The sessions that are not over, then each one that changes: LIVE with an event, AWAY 45 s and "
        "INACTIVE 60 s after it."
    )
    async def presence(
        self,
        info: Info,
        filter: Sessions = None,  # noqa: A002 - the name of the contract
        after: Resume = None,
    ) -> AsyncGenerator[PresenceChanged, None]:
        """Yield a message per session and change."""
        context = info.context
        conditions = lasting_conditions(filter)
        contact_id = conditions.pop("contactId", None)
        topic: Topic | None = ("contact", contact_id) if contact_id else None
        matches = session_matcher(filter and replace(filter, contact_id=None), context.clock)
        wish = PresenceWish(conditions, matches, context.session_timeout, topic)
        messages = presence_feed(context.hub, context.database, wish, after)
        async for message in messages:
            yield {"key": message.key, "cursor": message.cursor, "session": message.row}  # type: ignore[misc]

    @strawberry.subscription(description="Each prediction as it is told, of one session, of a contact's, or of all.")
    async def predictions(
        self,
        info: Info,
        session_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this session.")] = None,
        contact_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this customer's sessions.")
        ] = None,
        outcome_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only for this outcome.")] = None,
        after: Resume = None,
    ) -> AsyncGenerator[PredictionChanged, None]:
        """Yield a message per prediction."""
        if session_id is not None and contact_id is not None:
            raise BadInput("Pass `sessionId` or `contactId`, not both.", field="contactId")
        wish = PredictionWish(
            session_id=stored_id_of("Session", session_id, "sessionId") if session_id else None,
            contact_id=stored_id_of("Contact", contact_id, "contactId") if contact_id else None,
            outcome_id=stored_id_of("Outcome", outcome_id, "outcomeId") if outcome_id else None,
            session_timeout=info.context.session_timeout,
        )
        async for message in feed(info.context.hub, wish, after):
            yield {"key": message.key, "cursor": message.cursor, **message.row}  # type: ignore[misc]

    @strawberry.subscription(
        description="Everything that happens to a customer from now on, or from `after` on. When another contact turns "
        "out to be the same customer, what happened to it before is told at once, in order."
    )
    async def journey(
        self,
        info: Info,
        contact_id: Annotated[strawberry.ID, strawberry.argument(description="Any contact of the customer.")],
        after: Resume = None,
    ) -> AsyncGenerator[JourneyChanged, None]:
        """Yield a message per event."""
        wish = JourneyWish(stored_id_of("Contact", contact_id, "contactId"))
        async for message in feed(info.context.hub, wish, after):
            yield {"key": message.key, "cursor": message.cursor, "event": message.row}  # type: ignore[misc]
