"""What is told from stored documents rather than stored: pure functions for `derived` and `at_this_moment`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from gateway.graph.context import Context
from gateway.graph.customer import Customer
from gateway.graph.node import to_global_id
from gateway.journey import presence
from gateway.journey.contact import display_name
from gateway.journey.identity_path import PathStep
from gateway.journey.identity_resolution import Candidate
from gateway.storage.documents.prediction import prediction_rows, probabilities_after
from gateway.storage.keyset import value_at

Row = Mapping[str, Any]


def presence_of(session: Row | None, context: Context) -> presence.Presence:
    """Return whether the customer of a session is there now."""
    if session is None:
        return presence.Presence.INACTIVE
    return presence.presence_at(session["lastEvent"]["createdDate"], context.clock())


def ended_date_of(session: Row, context: Context) -> datetime | None:
    """Return when the session ended: the time-out after its last event, once that has passed."""
    end: datetime = session["lastEvent"]["createdDate"] + context.session_timeout
    return end if end <= context.clock() else None


def away_date_of(session: Row) -> datetime:
    """Return when the customer is considered away, if nothing happens."""
    return presence.away_date(session["lastEvent"]["createdDate"])


def idle_date_of(session: Row) -> datetime:
    """Return when the customer is considered inactive, if nothing happens."""
    return presence.idle_date(session["lastEvent"]["createdDate"])


def duration_of(session: Row) -> int:
    """Return the seconds from the first event to the last."""
    seconds: float = (session["lastEvent"]["createdDate"] - session["createdDate"]).total_seconds()
    return round(seconds)


def last_event_of(session: Row) -> Row:
    """Return the last event in short, with the id that clients see."""
    return {**session["lastEvent"], "id": to_global_id("Event", session["lastEvent"]["id"])}


def predictions_of(session: Row | None, _context: Context | None = None) -> list[Row]:
    """Return the newest predictions of a session, each with the session's id."""
    if session is None:
        return []
    return [{**prediction, "sessionId": session["_id"]} for prediction in prediction_rows(session)]


def achievements_of(session: Row) -> list[Row]:
    """Return what a session has achieved, each with the session's id."""
    return [{**achieved, "sessionId": session["_id"]} for achieved in session.get("outcomeAchievements", ())]


def achievements_of_event(event: Row) -> list[Row]:
    """Return what was achieved by exactly this event."""
    return [
        {
            "outcomeId": outcome_id,
            "achievedDate": event["createdDate"],
            "eventId": event["_id"],
            "sessionId": event["sessionId"],
        }
        for outcome_id in event.get("outcomeAchievements", ())
    ]


def assignments_of_session(session: Row) -> list[Row]:
    """Return the segments that a session is in, or was, each with the session's id."""
    return [{**assigned, "sessionId": session["_id"]} for assigned in session.get("segmentAssignments", ())]


def current_assignments_of_session(session: Row, context: Context) -> list[Row]:
    """Return the segments that a session is in now, or that it was in when it ended."""
    at = ended_date_of(session, context) or context.clock()
    return [one for one in assignments_of_session(session) if _is_in_force(one, at)]


def assignments_of_event(event: Row) -> list[Row]:
    """Return the segments into which the session came by exactly this event."""
    told = {"assignedDate": event["createdDate"], "eventId": event["_id"], "sessionId": event["sessionId"]}
    return [{**told, "segmentId": segment_id} for segment_id in event.get("segmentAssignments", ())]


def assignments_of_customer(customer: Customer, context: Context, *, also_past: bool = False) -> list[Row]:
    """Return the segments of customers that it is in, each once, since the first of its contacts came into it.

    Of visits of divisions that are seen; what another system has told to no division in particular is seen by all.
    """
    rows = (customer.contact, *customer.merged)
    seen = [one for row in rows for one in row.get("segmentAssignments", ()) if _sees_assignment(context, one)]
    told = seen if also_past else [one for one in seen if _is_in_force(one, context.clock())]
    first = {one["segmentId"]: one for one in sorted(told, key=lambda one: one["assignedDate"], reverse=True)}
    return in_order(first.values())


def in_order(assignments: Iterable[Row]) -> list[Row]:
    """Return assignments in the order in which they were made."""
    return sorted(assignments, key=lambda one: one["assignedDate"])


def latest_session_of(session: Row | None, _context: Context) -> Row | None:
    """Return the newest session."""
    return session


def parent_of(contact: Row) -> str | None:
    """Return the id of the contact that this one was merged into, directly."""
    return next(iter(contact.get("ancestors") or ()), None)


def root_id_of(contact: Row) -> str:
    """Return the id of the contact that stands for everything merged with this one."""
    return str([contact["_id"], *contact.get("ancestors", ())][-1])


def merged_from(customer: Customer) -> list[Row]:
    """Return the contacts that were merged into this one directly."""
    return [row for row in customer.merged if row["ancestors"][0] == customer.contact["_id"]]


def field_of(name: str, absent: object = None) -> Callable[[Customer], object]:
    """Return the function that tells one field of a customer's record."""

    def tell(customer: Customer) -> object:
        value = customer.fields.get(name)
        return absent if value is None else value

    return tell


def display_name_of(customer: Customer) -> str | None:
    """Return the name to show for a customer."""
    return display_name(customer.fields)


def of_all_divisions(path: str, absent: object = None) -> Callable[[Row, Context], object]:
    """Return the function that tells what stands at a path over all divisions to those alone who see all of them."""

    def tell(row: Row, context: Context) -> object:
        if not context.sight.is_everything:
            return None
        value = value_at(row, path)
        return absent if value is None else value

    return tell


def finite(path: str) -> Callable[[Row], float | None]:
    """Return the function that tells the number at a path, None where there is none, or one that is no number."""

    def tell(row: Row) -> float | None:
        value = value_at(row, path)
        return value if value is not None and isfinite(value) else None

    return tell


def calibration_of(model: Row) -> list[Row]:
    """Return the bins of a model's calibration, each with its number."""
    bins = value_at(model, "quality.calibration") or ()
    return [{**one, "bin": number} for number, one in enumerate(bins, start=1)]


def told_after(event: Row, session: Row, outcome_id: str) -> dict[str, Any]:
    """Return what was predicted of an outcome right after an event of a session."""
    told = probabilities_after(event, session).get(outcome_id)
    dates = {"createdDate": event["createdDate"], "sequence": event["sequence"]}
    return {**dates, "probability": told, "event": event}


def step_of(step: PathStep) -> Row:
    """Return the value of a step of an identity's path."""
    return {
        "kind": step.kind.value,
        "contactId": step.contact_id,
        "date": step.date,
        "madeBy": step.made_by,
        "rule": step.rule and step.rule.value,
        "evidence": dict(step.evidence),
        "linkId": step.edge_id,
        "sessionId": step.session_id,
        "sentence": step.sentence,
    }


def candidate_of(candidate: Candidate) -> Row:
    """Return the value of a candidate."""
    return {
        "contactId": candidate.contact_id,
        "rootId": candidate.root_id,
        "kind": candidate.kind,
        "reasons": list(candidate.reasons),
    }


def journey_of(contact: Row) -> Row:
    """Return the value of a contact's journey."""
    return {"_id": contact["_id"], "contact": contact}


def _sees_assignment(context: Context, assigned: Row) -> bool:
    return context.sight.sees(assigned) or ("eventId" not in assigned and "divisionId" not in assigned)


def _is_in_force(assigned: Row, at: datetime) -> bool:
    return "expiresDate" not in assigned or at < assigned["expiresDate"]
