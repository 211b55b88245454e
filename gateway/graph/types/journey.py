"""The heart of the schema: contacts, their sessions and events; they refer to one another."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph import lists, values
from gateway.graph.connection import Connection
from gateway.graph.cost_directives import size
from gateway.graph.loaders import (
    CanonicalContact,
    ContactById,
    OrganizationById,
    SessionById,
)
from gateway.graph.merge_set import (
    canonical_contact_field,
    identity_path_field,
    kind_field,
    links_field,
    merge_set_field,
    merged_to_field,
    session_count_field,
)
from gateway.graph.node import Node, global_id
from gateway.graph.requires import requires
from gateway.graph.types.address import Address
from gateway.graph.types.contact_journey import Journey
from gateway.graph.types.division import Division, division_field, divisions_field
from gateway.graph.types.enums import ContactKind, ContactType, Presence
from gateway.graph.types.fulfilment import OutcomeAchievement, SegmentAssignment, segments_of
from gateway.graph.types.identity import IdentityLink, IdentityStep
from gateway.graph.types.organization import ExternalOrganization, Note
from gateway.graph.types.parts import (
    Browser,
    Consent,
    Device,
    Geolocation,
    Identifier,
    LastEvent,
    MktCampaign,
    Page,
    Referrer,
)
from gateway.graph.types.prediction import Prediction, PredictionPoint, prediction_history_field
from gateway.graph.words import (
    NEVER_NULL,
    Info,
    Row,
    at_this_moment,
    connection,
    derived,
    of_customer,
    of_latest_session,
    one,
    stored,
)


@strawberry.type(
    description="A customer: somebody known, or a visitor nobody knows yet. What is read of a contact is read of it "
    "and of everything merged into it.",
    directives=[requires(Permission.CONTACT_VIEW)],
)
class Contact(Node):
    """A contact."""

    id: strawberry.ID = global_id("Contact")
    type: ContactType = stored("type", "What kind of contact it is.")
    kind: ContactKind = kind_field()
    display_name: str | None = of_customer(values.display_name_of, "The name to show, or null while nobody knows it.")
    first_name: str | None = of_customer(values.field_of("firstName"), "Given name.")
    middle_name: str | None = of_customer(values.field_of("middleName"), "Middle name.")
    last_name: str | None = of_customer(values.field_of("lastName"), "Family name.")
    salutation: str | None = of_customer(values.field_of("salutation"), "How to address the customer.")
    title: str | None = of_customer(values.field_of("title"), "Title or position.")
    address: Address | None = of_customer(values.field_of("address"), "Where the customer lives or works.")
    survey_opt_out: bool | None = of_customer(
        values.field_of("surveyOptOut"), "Whether the customer wants no surveys; null if nobody said."
    )
    external_system_url: str | None = of_customer(
        values.field_of("externalSystemUrl"), "Where another system shows the customer."
    )
    custom_fields: JSON = of_customer(
        values.field_of("customFields", {}), "What else is kept of the customer, by name."
    )
    identifiers: list[Identifier] = of_customer(
        lambda customer: customer.identifiers, "By what the customer is recognised, each once.", size=10
    )
    consent: Consent | None = stored("consent", "Whether the visitor allows to be recorded; null if nobody said.")
    session_count: int = session_count_field()
    created_date: datetime = stored("createdDate", "When this contact was first seen.")
    modified_date: datetime = stored("modifiedDate", "When this record last changed.")
    expires_date: datetime | None = stored("expiresDate", "When it is forgotten if nothing happens; null is never.")
    divisions: list[Division] | None = divisions_field(
        "The divisions that it was seen in, or was given to; of those that you see."
    )
    latest_session: Session | None = of_latest_session(
        values.latest_session_of, "The newest session.", requires=Permission.CONTACT_SESSION_VIEW
    )
    sessions: Connection[Session] | None = connection(
        lists.SESSIONS_OF_CONTACT,
        "The sessions, newest first.",
        of_customer=True,
        requires=Permission.CONTACT_SESSION_VIEW,
    )
    journey: Journey | None = derived(values.journey_of, "Everything that happened, over all sessions.", reads=("_id",))
    notes: Connection[Note] | None = connection(
        lists.NOTES_OF_CONTACT, "What was written down of the customer, newest first.", of_customer=True
    )
    presence: Presence | None = of_latest_session(
        values.presence_of,
        "Whether the customer is there now: that of the newest session.",
        requires=Permission.CONTACT_SESSION_VIEW,
    )
    canonical_contact: Contact = canonical_contact_field()
    merge_set: list[Contact] = merge_set_field()
    merged_to: Contact | None = merged_to_field()
    merged_from: list[Contact] = of_customer(
        values.merged_from, "The contacts that were merged into this one directly, the oldest first.", size=10
    )
    links: list[IdentityLink] = links_field()
    identity_path: list[IdentityStep] = identity_path_field()

    @strawberry.field(
        description="The segments of customers that it is in, in order; by visits of the divisions that you see.",
        directives=[size(10)],
    )
    async def segment_assignments(root: strawberry.Parent[Row], info: Info) -> list[SegmentAssignment] | None:  # noqa: N805 - the value, not an instance
        """Return the segments of the customer."""
        return await segments_of(root, info)  # type: ignore[return-value]  # a value is a mapping

    @strawberry.field(description="The company that the customer belongs to.")
    async def external_organization(root: strawberry.Parent[Row], info: Info) -> ExternalOrganization | None:  # noqa: N805 - the value, not an instance
        """Return the organization that the customer's record names."""
        organization_id = (await info.context.customer(root)).fields.get("externalOrganizationId")
        return await info.context.loader(OrganizationById).load(organization_id) if organization_id else None  # type: ignore[return-value]  # a value is a mapping

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored contact."""
        return "sessionCount" in value and "type" in value


@strawberry.type(
    description="One visit: the events of a visitor without a pause of 20 minutes.",
    directives=[requires(Permission.SESSION_VIEW)],
)
class Session(Node):
    """A session."""

    id: strawberry.ID = global_id("Session")
    short_id: str = stored("shortId", "Six digits that a customer can read out on the telephone.")
    type: str = stored("type", "The channel: web.")
    contact: Contact = one(
        CanonicalContact, "contactId", "Whose session it is: the contact that stands for the customer. " + NEVER_NULL
    )
    former_contact: Contact | None = one(
        ContactById, "formerContactId", "The visitor's own contact, where somebody moved the session to another."
    )
    division: Division | None = division_field("The division of the site that was visited.")
    customer_id: str | None = stored(
        "customerId",
        "The visitor: a cookie's value, or the id that the site's back end uses.",
        requires=Permission.CONTACT_VIEW,
    )
    customer_id_type: str = stored("customerIdType", "What customerId is: cookie or externalId.")
    presence: Presence = at_this_moment(values.presence_of, "Whether the customer is there now.", reads=("lastEvent",))
    browser: Browser | None = stored("browser", "The browser.")
    device: Device | None = stored("device", "The device.")
    geolocation: Geolocation | None = stored("geolocation", "Where the visit comes from.")
    ip_address: str | None = stored(
        "ipAddress", "The address that the visit comes from.", requires=Permission.CONTACT_VIEW
    )
    user_agent_string: str | None = stored("userAgentString", "What the browser says of itself.")
    referrer: Referrer | None = stored("referrer", "What led to the visit.")
    mkt_campaign: MktCampaign | None = stored("mktCampaign", "The campaign that led to the visit.")
    last_page: Page | None = stored("lastPage", "The page viewed last.")
    last_event: LastEvent = derived(values.last_event_of, "The newest event.", reads=("lastEvent",))
    search_terms: list[str] = stored(
        "searchTerms", "What was searched for, each term once, the newest last.", absent=()
    )
    authenticated: bool = stored("authenticated", "Whether the site vouches for who it is.")
    event_count: int = stored("eventCount", "How many events.")
    pageview_count: int = stored("pageviewCount", "How many page views.")
    screenview_count: int = stored("screenviewCount", "How many screens of an app.")
    duration_in_seconds: int = derived(
        values.duration_of, "Seconds from the first event to the last.", reads=("createdDate", "lastEvent")
    )
    created_date: datetime = stored("createdDate", "When it began.")
    ended_date: datetime | None = at_this_moment(
        values.ended_date_of,
        "When it ended: 20 minutes after the last event; null while it may go on.",
        reads=("lastEvent",),
    )
    away_date: datetime = derived(
        values.away_date_of, "45 s after the last event: away from then on.", reads=("lastEvent",)
    )
    idle_date: datetime = derived(
        values.idle_date_of, "60 s after the last event: inactive from then on.", reads=("lastEvent",)
    )
    events: Connection[Event] = connection(lists.EVENTS_OF_SESSION, "What happened, in order. " + NEVER_NULL)
    predictions: list[Prediction] = derived(
        values.predictions_of,
        "How likely it reaches each outcome. " + NEVER_NULL,
        reads=("predictedBy", "predictions"),
        size=10,
    )
    prediction_history: Connection[PredictionPoint] | None = prediction_history_field()
    outcome_achievements: list[OutcomeAchievement] | None = derived(
        values.achievements_of, "The outcomes that it reached.", reads=("outcomeAchievements",), size=10
    )
    segment_assignments: list[SegmentAssignment] | None = at_this_moment(
        values.current_assignments_of_session,
        "The segments that it is in, or was when it ended, in the order in which it came into them.",
        reads=("segmentAssignments", "lastEvent"),
        size=10,
    )

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored session."""
        return "shortId" in value


@strawberry.type(
    description="Something that happened: a page view, a search, a step of a purchase, or what the site tracks.",
    directives=[requires(Permission.EVENT_VIEW)],
)
class Event(Node):
    """An event."""

    id: strawberry.ID = global_id("Event")
    message_id: str = stored("messageId", "The sender's id of the message; the same message counts once.")
    event_name: str = stored("eventName", "What happened, as object_verbPastTense: page_viewed, order_completed.")
    created_date: datetime = stored("createdDate", "When it happened, by the server's clock.")
    received_date: datetime = stored("receivedDate", "When it arrived.")
    sequence: int = stored("sequence", "Its place among the session's events in order of arrival, from 1.")
    page: Page | None = stored("page", "The page it happened on.")
    referrer_url: str | None = stored("referrerUrl", "Address of the page before.")
    search_query: str | None = stored("searchQuery", "What was searched for.")
    attributes: JSON | None = stored(
        "attributes", "What the site tells of it, by name.", absent={}, requires=Permission.EVENT_TYPE_VIEW
    )
    traits: JSON | None = stored(
        "traits", "What the site tells of the person, by name.", absent={}, requires=Permission.CONTACT_VIEW
    )
    session: Session | None = one(SessionById, "sessionId", "The session it belongs to.")
    contact: Contact | None = one(CanonicalContact, "contactId", "The contact that stands for the customer.")
    outcome_achievements: list[OutcomeAchievement] | None = derived(
        values.achievements_of_event,
        "The outcomes reached by exactly this event.",
        reads=("outcomeAchievements",),
        size=10,
    )
    segment_assignments: list[SegmentAssignment] | None = derived(
        values.assignments_of_event,
        "The segments that the session came into by exactly this event.",
        reads=("segmentAssignments",),
        size=10,
    )

    @classmethod
    def is_type_of(cls, value: Row, _info: strawberry.Info) -> bool:
        """Tell whether this is a stored event."""
        return "messageId" in value and "sessionId" in value
