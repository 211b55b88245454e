"""When an outcome is due for full training, and why.

On a schedule, and earlier when enough has come in since the last time. What is not worth it is found out by counts that
are there anyway: those of the shares that serve until more can be learned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from gateway.journey.outcome import Outcome
from gateway.prediction.learned import LEARNED
from gateway.prediction.learning import LEAST_OF_EACH, missing_of
from gateway.prediction.training import goal_of
from gateway.storage.database import Database
from gateway.storage.trainings import last_trainings, sessions_that_achieved_since

NEW_SHARE = 0.2
"""With a fifth more, the newest sessions, by which models are compared, are all such as the serving one has not seen.

They are 15 % of all, see `learning.split_by_time`; 0.15 / 0.85 = 0.18.
"""


@dataclass(frozen=True, slots=True)
class TrainingRules:
    """How often what is done.

    An outcome is trained `every` so often, zero stands for never; two trainings of it begin at least so far `apart`,
    except after an alarm. Drift is measured `drift_every` so often, and alarms from its bound on, a calibration error.
    Every process looks so often whether something is due; whoever finds something holds its turn for so long, again and
    again.
    """

    session_timeout: timedelta
    every: timedelta
    drift_bound: float
    apart: timedelta = timedelta(hours=1)
    drift_every: timedelta = timedelta(hours=1)
    look_every: timedelta = timedelta(minutes=1)
    hold: timedelta = timedelta(minutes=1)


async def due_outcomes(
    database: Database,
    outcomes: Sequence[Outcome],
    serving: Mapping[str, Mapping[str, Any]],
    rules: TrainingRules,
    now: datetime,
) -> dict[str, str]:
    """Return the ids of the outcomes that are due, each with the reason, in words.

    `serving` are the models that serve, as they are stored, by outcome id.

    Raises:
        MongoDBUnreachable: MongoDB does not answer.
    """
    if not rules.every:
        return {}
    able = [one for one in outcomes if one.is_active and is_learnable(serving.get(one.id), one)]
    trainings = await last_trainings(database, [one.id for one in able])
    due: dict[str, str] = {}
    for outcome in able:
        last = trainings.get(outcome.id)
        why = why_due(last if last and last["goal"] == goal_of(outcome) else None, rules, now)
        if why is None and last is not None and now - last["startedDate"] >= rules.apart:
            why = await _why_early(database, serving[outcome.id], last["startedDate"])
        if why is not None:
            due[outcome.id] = why
    return due


def is_learnable(serving: Mapping[str, Any] | None, outcome: Outcome) -> bool:
    """Tell whether there may be enough to learn from: more than shares have been learned, or their counts say so."""
    if serving is None or serving.get("goal") != goal_of(outcome):
        return False  # its shares are counted first, within a minute
    return serving["kind"] == LEARNED or missing_of(serving["sessionCount"], serving["achievedCount"]) is None


def why_due(last: Mapping[str, Any] | None, rules: TrainingRules, now: datetime) -> str | None:
    """Return why it is time, in words, if it is; `last` is the last full training of what achieves the outcome now."""
    if last is None:
        return "there is enough to learn from"
    if now - last["startedDate"] >= rules.every:
        return f"it was last trained on {last['startedDate']:%Y-%m-%d at %H:%M} UTC"
    if not last["isOver"] and now - last["startedDate"] >= rules.apart:
        return "the last training did not come to its end"
    return None


def is_drift_due(serving: Mapping[str, Mapping[str, Any]], rules: TrainingRules, now: datetime) -> bool:
    """Tell whether a learned model serves of which it was not measured of late how it does."""
    learned = (row for row in serving.values() if row["kind"] == LEARNED)
    dates = ((row.get("drift") or {}).get("measuredDate", row["trainedDate"]) for row in learned)
    return any(now - date >= rules.drift_every for date in dates)


def wanted_achievements(serving: Mapping[str, Any]) -> int:
    """Return how many more sessions must have reached the outcome to train it before its time."""
    achieved: int = serving["achievedCount"]
    return max(LEAST_OF_EACH, ceil(NEW_SHARE * achieved))


async def _why_early(database: Database, serving: Mapping[str, Any], since: datetime) -> str | None:
    wanted = wanted_achievements(serving)
    came = await sessions_that_achieved_since(database, serving["outcomeId"], since, wanted)
    return f"{came} more sessions have reached it" if came >= wanted else None
