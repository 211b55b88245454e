"""All that is told about the predictions of one outcome, gathered: what serves, every version, and sample visits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.journey.outcome import Outcome
from gateway.journey.page_group import page_group
from gateway.prediction.base_rate import BaseRate
from gateway.prediction.card import Card, card_from
from gateway.prediction.learned import LEARNED
from gateway.prediction.model_rows import is_readable
from gateway.prediction.model_status import serving_status
from gateway.storage.database import Database
from gateway.storage.definitions import newest_models, packed_trees
from gateway.storage.documents.prediction import probabilities_after
from gateway.storage.model_history import newest_visits, told_events, versions_of

EACH = 3
"""Sample visits that reached the outcome, and as many that did not."""
LEAST_TOLD = 3
"""Predictions that make a curve."""
MOST_EVENTS = 60
"""Events of a visit above which its curve is too dense to be read."""
_CANDIDATES = 30

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToldStep:
    """An event of a visit, how long after the first one it came, and what was told right after it, if anything.

    `page` is the group of its page rather than the address, which may hold what only the visitor should know.
    """

    number: int
    after: timedelta
    event_name: str
    page: str | None
    probability: float | None
    achieves: bool


@dataclass(frozen=True, slots=True)
class SampleVisit:
    """A past visit as the predictions saw it."""

    short_id: str
    begun: datetime
    reached: bool
    event_count: int
    steps: tuple[ToldStep, ...]

    @property
    def highest(self) -> float:
        """The highest probability that was told of it."""
        return max((step.probability for step in self.steps if step.probability is not None), default=0.0)


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What is known about the predictions of an outcome at a moment.

    `serving` is the card of what serves, and `status` says why in words; None where nothing has been learned yet. Where
    it `is_broken`, `shares` serve in its place, those by page views. `versions` are all models, newest first.
    """

    outcome: Outcome
    description: str | None
    made: datetime
    serving: Card | None
    status: str | None
    is_broken: bool
    shares: BaseRate | None
    versions: tuple[Card, ...]
    visits: tuple[SampleVisit, ...]

    @property
    def shares_told(self) -> BaseRate | None:
        """The shares by page views where they are what is told."""
        is_learned = self.serving is not None and self.serving.is_learned and not self.is_broken
        return None if is_learned else self.shares


async def gather_report(
    database: Database, outcome: Outcome, description: str | None, now: datetime, session_timeout: timedelta
) -> ModelReport:
    """Read the report of an outcome from the database.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    row = (await newest_models(database, [outcome.id])).get(outcome.id)
    trees = (await packed_trees(database, [row["_id"]])).get(row["_id"]) if row else None
    versions = await versions_of(database, outcome.id)
    return ModelReport(
        outcome=outcome,
        description=description,
        made=now,
        serving=card_from(row) if row else None,
        status=serving_status(row, trees) if row else None,
        is_broken=row is not None and row["kind"] == LEARNED and not is_readable(row, trees),
        shares=BaseRate(row["_id"], outcome.id, tuple(row["reached"]), tuple(row["achieved"])) if row else None,
        versions=tuple(card_from(version) for version in versions),
        visits=await _sample_visits(database, outcome.id, now - session_timeout),
    )


async def _sample_visits(database: Database, outcome_id: str, ended_before: datetime) -> tuple[SampleVisit, ...]:
    """Return the newest ended visits with a curve to show: some that reached the outcome, then some that did not."""
    fitting = [row for row in await newest_visits(database, ended_before) if row["eventCount"] <= MOST_EVENTS]
    reached = [row for row in fitting if _has_reached(row, outcome_id)][:_CANDIDATES]
    missed = [row for row in fitting if not _has_reached(row, outcome_id)][:_CANDIDATES]
    events = await told_events(database, [row["_id"] for row in (*reached, *missed)])
    return tuple(
        visit for rows in (reached, missed) for visit in _with_curves(_visits(rows, events, outcome_id))[:EACH]
    )


def _has_reached(session: Row, outcome_id: str) -> bool:
    return any(one["outcomeId"] == outcome_id for one in session.get("outcomeAchievements", ()))


def _visits(sessions: Iterable[Row], events: Mapping[str, Sequence[Row]], outcome_id: str) -> Iterable[SampleVisit]:
    for session in sessions:
        steps = tuple(_step(row, session, outcome_id) for row in events[session["_id"]])
        reached = _has_reached(session, outcome_id)
        yield SampleVisit(session["shortId"], session["createdDate"], reached, session["eventCount"], steps)


def _with_curves(visits: Iterable[SampleVisit]) -> list[SampleVisit]:
    return [visit for visit in visits if sum(one.probability is not None for one in visit.steps) >= LEAST_TOLD]


def _step(event: Row, session: Row, outcome_id: str) -> ToldStep:
    url = (event.get("page") or {}).get("url")
    return ToldStep(
        number=event["sequence"],
        after=event["createdDate"] - session["createdDate"],
        event_name=event["eventName"],
        page=page_group(url) if url else None,
        probability=probabilities_after(event, session).get(outcome_id),
        achieves=outcome_id in event.get("outcomeAchievements", ()),
    )
