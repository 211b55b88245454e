"""The predictions feed: every newly told probability of the sessions that a subscriber wants to know of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.live.listener import Happening
from gateway.storage.database import Row


@dataclass(frozen=True, slots=True)
class PredictionWish:
    """What a subscriber wants to know of; None stands for any."""

    session_id: str | None = None
    outcome_id: str | None = None
    matches: Callable[[Row], bool] = lambda _session: True

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
            happening.collection == "sessions" and self.session_id in (None, session["_id"]) and self.matches(session)
        )
