"""Collection `sessions`: one document a visit, with its newest predictions and what it achieved.

Shard key: hashed `customerId`. All sessions of a visitor are on one shard, next to the visitor's events.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.journey.event import Visit
from gateway.journey.ids import short_id
from gateway.journey.outcome import OutcomeAchievement, Prediction
from gateway.journey.session import LastEvent, Session
from gateway.storage.database import Row
from gateway.storage.documents.shape import Part, Stored, without_gaps

VISIT_PARTS = {
    "browser": "browser",
    "device": "device",
    "geolocation": "geolocation",
    "referrer": "referrer",
    "mkt_campaign": "mktCampaign",
    "app": "app",
    "sdk_library": "sdkLibrary",
    "network_connectivity": "networkConnectivity",
    "ip_address": "ipAddress",
    "user_agent_string": "userAgentString",
}
"""The parts of a visit, and the stored field of each."""


class LastEventPart(Part):
    """The newest event."""

    id: str
    event_name: str
    created_date: datetime


class PredictionPart(Part):
    """The newest prediction for one outcome."""

    outcome_id: str
    probability: float
    session_max_probability: float
    quantile: float | None = None
    session_max_quantile: float | None = None
    modified_date: datetime
    model_id: str | None = None


class OutcomeAchievementPart(Part):
    """An outcome that the session reached."""

    outcome_id: str
    achieved_date: datetime
    event_id: str
    pageview_count: int


class SessionDocument(Stored):
    """A stored session."""

    short_id: str
    type: str
    contact_id: str
    customer_id: str
    customer_id_type: str
    created_date: datetime
    last_event: LastEventPart
    previous_event_date: datetime | None = None
    event_count: int
    pageview_count: int
    screenview_count: int
    search_terms: list[str] = []
    last_page: dict[str, Any] | None = None
    browser: dict[str, Any] | None = None
    device: dict[str, Any] | None = None
    geolocation: dict[str, Any] | None = None
    referrer: dict[str, Any] | None = None
    mkt_campaign: dict[str, Any] | None = None
    app: dict[str, Any] | None = None
    sdk_library: dict[str, Any] | None = None
    network_connectivity: dict[str, Any] | None = None
    ip_address: str | None = None
    user_agent_string: str | None = None
    authenticated: bool
    predictions: list[PredictionPart] = []
    outcome_achievements: list[OutcomeAchievementPart] = []

    class Settings:
        """Collection and indexes."""

        name = "sessions"
        indexes: ClassVar = [
            IndexModel([("createdDate", DESCENDING), ("_id", DESCENDING)], name="created"),
            IndexModel([("contactId", ASCENDING), ("createdDate", DESCENDING), ("_id", DESCENDING)], name="contact"),
            IndexModel([("customerId", ASCENDING), ("lastEvent.createdDate", DESCENDING)], name="visitor"),
            IndexModel([("lastEvent.createdDate", DESCENDING), ("_id", DESCENDING)], name="last_event"),
        ]


def session_row(session: Session) -> Row:
    """Return the session as it is stored."""
    last = session.last_event
    return without_gaps(
        (
            ("_id", session.id),
            ("shortId", short_id(session.id)),
            ("type", session.type),
            ("contactId", session.contact_id),
            ("customerId", session.customer_id),
            ("customerIdType", session.customer_id_type),
            ("createdDate", session.created_date),
            ("lastEvent", {"id": last.id, "eventName": last.event_name, "createdDate": last.created_date}),
            ("previousEventDate", session.previous_event_date),
            ("eventCount", session.event_count),
            ("pageviewCount", session.pageview_count),
            ("screenviewCount", session.screenview_count),
            ("searchTerms", session.search_terms),
            ("lastPage", session.last_page),
            *((stored, getattr(session.visit, part)) for part, stored in VISIT_PARTS.items()),
            ("authenticated", session.authenticated),
            ("predictions", [_prediction_row(prediction) for prediction in session.predictions]),
            ("outcomeAchievements", [_achievement_row(achieved) for achieved in session.outcome_achievements]),
        )
    )


def session_from(row: Mapping[str, Any]) -> Session:
    """Return the session that is stored so."""
    last = row["lastEvent"]
    return Session(
        id=row["_id"],
        contact_id=row["contactId"],
        customer_id=row["customerId"],
        customer_id_type=row["customerIdType"],
        created_date=row["createdDate"],
        last_event=LastEvent(last["id"], last["eventName"], last["createdDate"]),
        type=row["type"],
        previous_event_date=row.get("previousEventDate"),
        event_count=row["eventCount"],
        pageview_count=row["pageviewCount"],
        screenview_count=row["screenviewCount"],
        search_terms=tuple(row.get("searchTerms", ())),
        last_page=row.get("lastPage"),
        visit=Visit(**{part: row.get(stored) for part, stored in VISIT_PARTS.items()}),
        authenticated=row["authenticated"],
        predictions=tuple(_prediction(p) for p in row.get("predictions", ())),
        outcome_achievements=tuple(_achievement(a) for a in row.get("outcomeAchievements", ())),
    )


def _prediction_row(prediction: Prediction) -> Row:
    return without_gaps(
        (
            ("outcomeId", prediction.outcome_id),
            ("probability", prediction.probability),
            ("sessionMaxProbability", prediction.session_max_probability),
            ("quantile", prediction.quantile),
            ("sessionMaxQuantile", prediction.session_max_quantile),
            ("modifiedDate", prediction.modified_date),
            ("modelId", prediction.model_id),
        )
    )


def _prediction(row: Row) -> Prediction:
    return Prediction(
        outcome_id=row["outcomeId"],
        probability=row["probability"],
        session_max_probability=row["sessionMaxProbability"],
        quantile=row.get("quantile"),
        session_max_quantile=row.get("sessionMaxQuantile"),
        modified_date=row["modifiedDate"],
        model_id=row.get("modelId"),
    )


def _achievement_row(achieved: OutcomeAchievement) -> Row:
    return {
        "outcomeId": achieved.outcome_id,
        "achievedDate": achieved.achieved_date,
        "eventId": achieved.event_id,
        "pageviewCount": achieved.pageview_count,
    }


def _achievement(row: Row) -> OutcomeAchievement:
    return OutcomeAchievement(row["outcomeId"], row["achievedDate"], row["eventId"], row["pageviewCount"])
