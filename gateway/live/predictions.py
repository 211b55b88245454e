"""The predictions feed: every newly told probability of the sessions that a subscriber wants to know of."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.live.listener import Happening, Topic
from gateway.storage.database import Row


@dataclass(frozen=True, slots=True)
class PredictionWish:
    """What a subscriber wants to know of; None stands for any."""

    session_id: str | None = None
    contact_id: str | None = None
    outcome_id: str | None = None

    @property
    def topic(self) -> Topic | None:
        """The session or the contact, if there is but one."""
        if self.session_id is not None:
            return "session", self.session_id
        return None if self.contact_id is None else ("contact", self.contact_id)

    def told(self, happening: Happening) -> Sequence[Row]:
        """Return the predictions that were told with it, each with its session."""
        if not self.concerns(happening):
            return ()
        session = happening.row
        return [
            {"session": session, "prediction": {**prediction, "sessionId": session["_id"]}}
            for prediction in session.get("predictions", ())
            if self.outcome_id in (None, prediction["outcomeId"])
            and prediction["modifiedDate"] == session["lastEvent"]["createdDate"]
        ]

    def concerns(self, happening: Happening) -> bool:
        """Tell whether it happened to a session that the subscriber wants to know of."""
        session = happening.row
        return (
            happening.collection == "sessions"
            and self.session_id in (None, session["_id"])
            and self.contact_id in (None, session["contactId"])
        )
