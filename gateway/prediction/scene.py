"""What models are asked about: moments of sessions, with the numbers and the words that are read from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from gateway.journey.feature_state import FeatureState
from gateway.journey.features import FeatureSchema
from gateway.journey.session import Session
from gateway.prediction.explanation import Sight
from gateway.prediction.forest import Rows
from gateway.prediction.rows import rows_of


class Moment(NamedTuple):
    """A session right after an event, as far as models look at it. `reached` are the outcomes that it has reached."""

    session_id: str
    date: datetime
    pageview_count: int
    reached: tuple[str, ...] = ()
    feature_state: FeatureState | None = None


def moment_of(session: Session) -> Moment:
    """Return the moment in which a session is, right after its latest event."""
    reached = tuple([achievement.outcome_id for achievement in session.outcome_achievements])
    return Moment(session.id, session.last_event.created_date, session.pageview_count, reached, session.feature_state)


class Scene:
    """Moments of sessions, and who is asked about them: models that look at the same things share the work."""

    def __init__(self, moments: Sequence[Moment], models: Sequence[object] = ()) -> None:
        self.moments = moments
        self.models = models
        #: What models with the same schema have found together, for them to keep.
        self.found: dict[FeatureSchema, object] = {}
        self._rows: dict[FeatureSchema, Rows] = {}
        self._sights: dict[FeatureSchema, list[Sight | None]] = {}

    def sights(self, schema: FeatureSchema) -> list[Sight | None]:
        """Return the moments as words are found for them; None for one without a feature state."""
        if schema not in self._sights:
            states = (moment.feature_state for moment in self.moments)
            self._sights[schema] = [Sight(state, schema) if state else None for state in states]
        return self._sights[schema]

    def rows(self, schema: FeatureSchema) -> Rows:
        """Return a row a moment; one without a feature state has nothing but NaN."""
        if schema not in self._rows:
            states = [moment.feature_state for moment in self.moments]
            rows = np.full((len(states), len(schema.columns)), np.nan, dtype=np.float32)
            rows[[state is not None for state in states]] = rows_of([one for one in states if one], schema)
            self._rows[schema] = rows
        return self._rows[schema]
