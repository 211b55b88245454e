from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.prediction.base_rate import (
    MAX_PAGES,
    POOLED_SESSIONS,
    PRIOR_ACHIEVED,
    PRIOR_SESSIONS,
    BaseRate,
    learn,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
# Ten past sessions: four left after one page and two after two; one reached the goal after one page, three after three
MISSED, REACHED = {1: 4, 2: 2}, {1: 1, 3: 3}


def learned(missed: Mapping[int, int], reached: Mapping[int, int]) -> BaseRate:
    return BaseRate("m", "o", *learn(missed, reached))


def test_sessions_are_counted_at_every_page_that_they_came_to() -> None:
    reached, achieved = learn(MISSED, REACHED)
    assert reached[:4] == (10, 5, 3, 0)
    assert achieved[:4] == (4, 3, 3, 0)


def test_sessions_without_a_page_count_with_those_of_one_and_very_long_ones_together() -> None:
    reached, achieved = learn({0: 1, 1: 1}, {MAX_PAGES: 1, MAX_PAGES + 70: 1})
    assert (reached[0], reached[-1]) == (4, 2)
    assert (achieved[0], achieved[-1]) == (2, 2)


OVERALL = (4 + PRIOR_ACHIEVED) / (10 + PRIOR_SESSIONS)


@pytest.mark.parametrize(
    ("pages", "achieved", "reached"),
    [
        pytest.param(0, 4, 10, id="no page yet, as one"),
        pytest.param(1, 4, 10, id="one page"),
        pytest.param(2, 3, 5, id="two pages"),
        pytest.param(3, 3, 3, id="three pages"),
        pytest.param(4, 0, 0, id="more than anybody: the overall rate"),
        pytest.param(1_000, 0, 0, id="very many"),
    ],
)
def test_the_probability_is_the_share_of_those_who_came_as_far_smoothed_by_the_overall_rate(
    pages: int, achieved: int, reached: int
) -> None:
    expected = (achieved + POOLED_SESSIONS * OVERALL) / (reached + POOLED_SESSIONS)
    assert learned(MISSED, REACHED).after(pages) == pytest.approx(expected)


def test_before_anything_is_known_an_outcome_has_the_prior_probability() -> None:
    model = learned({}, {})
    assert model.after(1) == pytest.approx(PRIOR_ACHIEVED / PRIOR_SESSIONS)
    assert model.quantile(0.5) is None


def test_three_sessions_make_no_certainty() -> None:
    assert learned({}, {1: 3}).after(1) < 0.5
    assert learned({}, {1: 3_000}).after(1) > 0.99


def test_a_quantile_is_the_share_of_past_sessions_whose_highest_probability_was_lower() -> None:
    model = learned(MISSED, REACHED)
    one, two, three = (model.after(pages) for pages in (1, 2, 3))
    assert one < two < three
    assert [model.quantile(p) for p in (one, two, three, 1.0)] == [0, 0.5, 0.7, 1]
    assert model.quantile((one + two) / 2) == 0.5


def test_a_model_with_fewer_places_than_today_still_serves() -> None:
    assert 0 < BaseRate("m", "o", (10, 5), (4, 3)).after(40) < 1
    assert 0 < BaseRate("m", "o", (), ()).after(1) < 1


sessions_by_pages = st.dictionaries(st.integers(0, MAX_PAGES + 10), st.integers(1, 1_000), max_size=8)


@given(sessions_by_pages, sessions_by_pages, st.integers(0, 200))
def test_probabilities_are_shares(missed: dict[int, int], reached: dict[int, int], pages: int) -> None:
    assert 0 < learned(missed, reached).after(pages) < 1


@given(sessions_by_pages, sessions_by_pages)
def test_what_is_learned_only_falls_from_page_to_page(missed: dict[int, int], reached: dict[int, int]) -> None:
    came, achieved = learn(missed, reached)
    assert all(earlier >= later for counts in (came, achieved) for earlier, later in pairwise(counts))
    assert all(a <= n for a, n in zip(achieved, came, strict=True))
    assert (came[0], achieved[0]) == (sum(missed.values()) + sum(reached.values()), sum(reached.values()))


@given(sessions_by_pages, sessions_by_pages, st.lists(st.floats(0, 1), min_size=2))
def test_quantiles_lie_between_0_and_1_and_never_fall(
    missed: dict[int, int], reached: dict[int, int], probabilities: list[float]
) -> None:
    quantiles = [learned(missed, reached).quantile(p) for p in sorted(probabilities)]
    known = [q for q in quantiles if q is not None]
    assert known == sorted(known)
    assert all(0 <= q <= 1 for q in known)
    assert len(known) == (len(quantiles) if missed or reached else 0)
