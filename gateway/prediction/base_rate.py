"""The first honest model: of past sessions with as many page views, the smoothed share that went on to the outcome."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import nan

import numpy as np

from gateway.prediction.model import Because, Whole
from gateway.prediction.quality import Floats
from gateway.prediction.scene import Scene

BASE_RATE = "BASE_RATE"
MAX_PAGES = 50
"""Sessions with more page views than this are counted together: so few get there that their shares are noise."""
PRIOR_SESSIONS = 10.0
PRIOR_ACHIEVED = 0.5
"""Before anything is known, an outcome counts as reached by half a session in ten: 5 %, and soon outvoted by data."""
POOLED_SESSIONS = 20.0
"""How many sessions at the overall rate each page count starts from, so that three sessions make no certainty."""


@dataclass(frozen=True)
class BaseRate:
    """Shares learned for one outcome.

    `reached[k-1]` counts past sessions that viewed k pages without having reached the outcome before, `achieved[k-1]`
    those of them that reached it then or later.
    """

    id: str
    outcome_id: str
    reached: tuple[int, ...]
    achieved: tuple[int, ...]

    def after(self, pages: int) -> float:
        """Return the probability, in 0..1, that a session that has viewed so many pages still reaches the outcome."""
        return self._probabilities[_place(pages)]

    def probabilities(self, scene: Scene) -> Floats:
        """Return that probability for each moment."""
        return np.asarray([self.after(moment.pageview_count) for moment in scene.moments])

    def because(self, _scene: Scene, _numbers: Whole) -> Because | None:
        """Return nothing: how many pages a session has viewed is all that there is to it."""
        return None

    def quantile(self, probability: float) -> float | None:
        """Return the share of past sessions whose highest probability was lower, or None without past sessions."""
        highest, total = self._highest_of_past
        if not total:
            return None
        below = bisect_left(highest, (probability, 0))
        return (highest[below - 1][1] if below else 0) / total

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the same for several probabilities, NaN without past sessions."""
        told = (self.quantile(probability) for probability in probabilities.tolist())
        return np.asarray([nan if one is None else one for one in told])

    @cached_property
    def _probabilities(self) -> tuple[float, ...]:
        sessions, achieved = (self.reached or (0,))[0], (self.achieved or (0,))[0]
        overall = (achieved + PRIOR_ACHIEVED) / (sessions + PRIOR_SESSIONS)
        counts = zip(_padded(self.reached), _padded(self.achieved), strict=True)
        return tuple((a + POOLED_SESSIONS * overall) / (n + POOLED_SESSIONS) for n, a in counts)

    @cached_property
    def _highest_of_past(self) -> tuple[list[tuple[float, int]], int]:
        """Highest probability -> number of past sessions up to it, ascending; and the number of all."""
        highest = list(accumulate(self._probabilities, max))
        reached = _padded(self.reached)
        ended = [n - later for n, later in zip(reached, (*reached[1:], 0), strict=True)]
        by_highest = Counter[float]()
        for value, sessions in zip(highest, ended, strict=True):
            by_highest[value] += sessions
        ascending = sorted(by_highest.items())
        running = list(accumulate(sessions for _, sessions in ascending))
        return [(value, total) for (value, _), total in zip(ascending, running, strict=True)], reached[0]


def learn(missed: Mapping[int, int], reached: Mapping[int, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return (reached, achieved) per page count from the numbers of past sessions by page views.

    `missed` counts sessions that never got there by all their page views, `reached` the others by those up to then.
    """
    not_there, there = _at_least(missed), _at_least(reached)
    return tuple(a + b for a, b in zip(not_there, there, strict=True)), there


def _at_least(sessions: Mapping[int, int]) -> tuple[int, ...]:
    by_place = Counter[int]()
    for pages, count in sessions.items():
        by_place[_place(pages)] += count
    return tuple(accumulate(by_place[place] for place in reversed(range(MAX_PAGES))))[::-1]


def _place(pages: int) -> int:
    return min(max(pages, 1), MAX_PAGES) - 1


def _padded(counts: tuple[int, ...]) -> tuple[int, ...]:
    return (counts + (0,) * MAX_PAGES)[:MAX_PAGES]
