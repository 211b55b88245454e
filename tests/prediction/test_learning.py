import numpy as np
import pytest

from gateway.journey.feature_state import FeatureState
from gateway.prediction.examples import ExampleCollector, Examples, learn_schema
from gateway.prediction.learning import (
    LEAST_OF_EACH,
    LEAST_SESSIONS,
    differing_columns,
    doubted_among,
    learn,
    split_by_time,
    what_is_missing,
)
from tests.prediction.past_visits import ORDER, played, visits


def examples_of(count: int) -> Examples:
    past = played(visits(count))
    states = [sessions[-1].feature_state for sessions in past]
    collector = ExampleCollector(learn_schema(state for state in states if isinstance(state, FeatureState)), [ORDER.id])
    for sessions in past:
        collector.add(sessions)
    return collector.examples()


EXAMPLES = examples_of(1_500)
EVERY_ROW = EXAMPLES.taken(ORDER.id, np.ones(1_500, dtype=np.bool_))


def test_the_schema_tells_apart_what_is_common() -> None:
    schema = EXAMPLES.schema
    assert schema.page_groups.patterns == ("/cart", "/p/*")
    assert schema.event_names == ("order_completed",)
    assert schema.numbers == ("dice",)
    assert schema.categories == (("colour", ("blue", "red")), ("device", ("desktop", "mobile")))


def test_a_session_is_learned_from_up_to_the_step_that_reached_the_outcome() -> None:
    sample = EXAMPLES.sample(ORDER.id, EVERY_ROW, [0])
    assert len(sample.rows) == 5 * 1_500
    assert sample.weight.sum() == pytest.approx(1_500)
    assert (EXAMPLES.step[EVERY_ROW].max(), EXAMPLES.step.max()) == (4, 5)


def test_sessions_are_split_by_time_whatever_their_order() -> None:
    begun = np.asarray([5.0, 1, 4, 2, 3, 6, 7, 8, 9, 10])
    split = split_by_time(begun)
    assert (split.learn.sum(), split.tune.sum(), split.judge.sum()) == (7, 2, 1)
    assert begun[split.learn].max() < begun[split.tune].min() < begun[split.judge].min()


def test_columns_that_never_change_or_repeat_another_are_not_looked_at() -> None:
    names = {EXAMPLES.schema.columns[at].name for at in differing_columns(EXAMPLES, ORDER.id, EVERY_ROW)}
    assert {"count /cart", "steps", "category device", "category colour", "weekday"} <= names
    assert not names & {"pages", "visits", "count order_completed"}  # as many as steps; 1; none before it is over


def test_what_is_known_of_a_visit_is_doubted_where_it_says_nothing_by_itself() -> None:
    columns = differing_columns(EXAMPLES, ORDER.id, EVERY_ROW)
    doubted = {
        EXAMPLES.schema.columns[columns[at]].name for at in doubted_among(columns, EXAMPLES, ORDER.id, EVERY_ROW)
    }
    assert doubted >= {"category colour", "newest dice", "weekday"}
    assert not doubted & {"category device", "count /cart", "steps"}


def test_the_learned_model_finds_what_makes_visitors_order() -> None:
    learned = learn(EXAMPLES, ORDER.id)
    assert learned.trial.quality.auc > 0.75
    assert learned.trial.quality.calibration_error < 0.1
    assert "/cart" in learned.importance[0][0]
    assert sum(share for _, share in learned.importance) == pytest.approx(1)
    assert list(learned.highest) == sorted(learned.highest)


def test_what_is_missing_is_told_in_words() -> None:
    assert what_is_missing(EXAMPLES, ORDER.id) is None
    words = what_is_missing(examples_of(40), ORDER.id)
    assert words is not None
    assert words.startswith(
        f"{LEAST_SESSIONS} sessions are needed, there are 40; {LEAST_OF_EACH} sessions that reached"
    )
    assert what_is_missing(ExampleCollector(EXAMPLES.schema, [ORDER.id]).examples(), ORDER.id) is not None
