"""Champion and challenger: whether a newly learned model serves instead of the one that does.

Both are judged on the newest sessions, of which the challenger's trial has learned nothing, and of these only on those
that came after everything the champion has learned from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from gateway.prediction.base_rate import BaseRate
from gateway.prediction.examples import Examples
from gateway.prediction.learned import LearnedModel
from gateway.prediction.learning import Learned, Trial
from gateway.prediction.model import Model
from gateway.prediction.quality import Floats, log_loss

LEAST_SESSIONS, LEAST_ACHIEVED = 100, 10
"""New sessions, and those of them that reached the outcome, below which nobody can tell who is better."""


class Verdict(NamedTuple):
    """Whether the challenger serves, and why, as a sentence for the model's card."""

    serves: bool
    words: str


@dataclass(frozen=True, slots=True)
class Champion:
    """The model that serves now: as it is stored, and as it predicts."""

    row: Mapping[str, Any]
    model: Model

    @property
    def is_learned(self) -> bool:
        """Whether it is a learned one that can be read."""
        return isinstance(self.model, LearnedModel)

    @property
    def learned_until(self) -> datetime | None:
        """The time of the newest session that it has learned from."""
        return self.row.get("dataUntil")


def verdict_on(examples: Examples, learned: Learned, shares: BaseRate, champion: Champion | None) -> Verdict:
    """Return whether what was learned serves; `shares` are those by page views, from the same sessions."""
    trial = learned.trial
    own = log_loss(trial.told, trial.came, trial.weight)
    by_shares = log_loss(_told_by_shares(examples, trial, shares), trial.came, trial.weight)
    if not own < by_shares:
        return Verdict(serves=False, words=f"Does not serve: {_figures(own, 'shares by page views', by_shares)}.")
    if champion is None or not isinstance(champion.model, LearnedModel):
        return Verdict(serves=True, words=f"Serves: {_figures(own, 'shares by page views', by_shares)}.")
    return _against(champion, champion.model, examples, trial)


def _against(champion: Champion, model: LearnedModel, examples: Examples, trial: Trial) -> Verdict:
    rows = examples.rows_of(model.schema)
    since = champion.learned_until.timestamp() if champion.learned_until else float("-inf")
    new = (examples.begun[examples.session[trial.rows]] > since) & (trial.rows < len(rows))
    sessions, achieved = trial.weight[new].sum(), (trial.weight * trial.came)[new].sum()
    if sessions < LEAST_SESSIONS or achieved < LEAST_ACHIEVED:
        seen = f"{sessions:.0f} sessions, {achieved:.0f} of which reached the outcome"
        return Verdict(serves=False, words=f"Does not serve: since the serving model was trained came only {seen}.")
    own = log_loss(trial.told[new], trial.came[new], trial.weight[new])
    told = model.told(np.ascontiguousarray(rows[np.ix_(trial.rows[new], np.asarray(model.columns))]))
    theirs = log_loss(told, trial.came[new], trial.weight[new])
    words = f"{_figures(own, 'the model before', theirs)} on {sessions:,.0f} newer sessions"
    return Verdict(serves=own < theirs, words=f"{'Serves' if own < theirs else 'Does not serve'}: {words}.")


def _told_by_shares(examples: Examples, trial: Trial, shares: BaseRate) -> Floats:
    pages = examples.rows[trial.rows, examples.pages_column]
    return np.asarray([shares.after(int(viewed)) for viewed in pages])


def _figures(own: float, other: str, theirs: float) -> str:
    return f"its log-loss is {own:.4f}, that of {other} {theirs:.4f}"
