"""The predictions feed: every newly told probability of the sessions that a subscriber wants to know of."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.journey.definitions import SESSION_TIMEOUT
from gateway.live.happening import Happening, Topic
from gateway.storage.as_of import moment_of
from gateway.storage.database import Database, Row
from gateway.storage.documents.prediction import prediction_rows
from gateway.storage.session_activity import active_sessions_as_of
from gateway.storage.sight import EVERYTHING, Sight

MAX_SESSIONS = 5_000
"""Sessions of contacts that have just joined a customer, of which a subscriber is told; the most recent ones."""


@dataclass(frozen=True, slots=True)
class PredictionWish:
    """What a subscriber wants to know of; None stands for any. `contact_id` is any contact of a customer."""

    session_id: str | None = None
    contact_id: str | None = None
    outcome_id: str | None = None
    session_timeout: timedelta = SESSION_TIMEOUT
    sight: Sight = EVERYTHING

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
        date = session["lastEvent"]["createdDate"]
        return [told for told in self._predictions_of(session) if told["prediction"]["modifiedDate"] == date]

    async def earlier(self, database: Database, joining: Happening) -> AsyncIterator[Row]:
        """Yield what is predicted of the sessions that are not over, of the contacts that have joined the customer.

        Raises:
            PastLost: MongoDB no longer keeps the moment at which they did.
        """
        of_them = {"contactId": {"$in": list(joining.joined)}, **self.sight.of("sessions")}
        since, moment = joining.after.timers_date - self.session_timeout, moment_of(joining.after.token)
        for session in await active_sessions_as_of(database, of_them, since, MAX_SESSIONS, moment):
            for told in self._predictions_of(session):
                yield told

    def concerns(self, happening: Happening) -> bool:
        """Tell whether it happened to a session that the subscriber wants to know of."""
        if happening.collection != "sessions" or self.session_id not in (None, happening.row["_id"]):
            return False
        return self.sight.sees(happening.row)

    def _predictions_of(self, session: Row) -> list[Row]:
        return [
            {"session": session, "prediction": {**prediction, "sessionId": session["_id"]}}
            for prediction in prediction_rows(session)
            if self.outcome_id in (None, prediction["outcomeId"])
        ]
