from collections.abc import Sequence

import numpy as np
import pytest

from gateway.journey.event import Visit
from gateway.journey.feature_state import FeatureState, advance_features, begin
from gateway.journey.features import FeatureSchema
from gateway.journey.page_group import PageGroups
from gateway.prediction.boosting import Sample, grow
from gateway.prediction.explanation import NOTHING, Explanation, Sight, Topic, span, topic_of, wording_of
from gateway.prediction.forest import Forest
from tests.journey.visits import happened

SCHEMA = FeatureSchema(
    PageGroups(("/cart", "/p/*")),
    ("order_started", "search_performed"),
    ("price",),
    (("device", ("desktop", "mobile")),),
)
STEPS = [("/p/1", 0), ("?", 10), ("?", 70), ("/cart", 80), ("/p/2", 7_300)]


def state_after(steps: Sequence[tuple[str, float]]) -> FeatureState:
    state = begin(happened(*steps[0]), visits=2)
    for what, seconds in steps:
        event = happened(what, seconds, {"price": 9.5})
        state = advance_features(state, event, Visit(device={"category": "mobile"}))
    return state


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        pytest.param(("place", "/cart"), "viewed /cart 2 h ago", id="a page, once"),
        pytest.param(("place", "/p/*"), "viewed /p/* twice", id="the page that is open"),
        pytest.param(("place", "search_performed"), "searched twice, last 2 h ago", id="searches"),
        pytest.param(("place", "order_started"), "has not done 'order_started'", id="an event that is missing"),
        pytest.param(("place", "other"), "did nothing rare", id="nothing rare"),
        pytest.param(("attribute", "price"), "price is 9.5", id="a number"),
        pytest.param(("attribute", "device"), "device is mobile", id="a category"),
        pytest.param(("attribute", "brand"), "brand is unknown", id="an attribute that is not told"),
        pytest.param(("pace", ""), "takes 30 min a step, 2 h for the newest", id="pace"),
        pytest.param(("length", ""), "5 steps in 2 h", id="length"),
        pytest.param(("path", ""), "went search_performed → /cart → /p/*", id="path"),
        pytest.param(("time", ""), "came at 14:00 UTC", id="time of day"),
        pytest.param(("visits", ""), "is here for visit number 2", id="a returning visitor"),
    ],
)
def test_a_reason_is_told_in_words_about_the_visitor(topic: Topic, words: str) -> None:
    assert wording_of(topic, SCHEMA)(Sight(state_after(STEPS), SCHEMA)) == words


def test_every_column_has_words_from_the_first_step_on() -> None:
    first = Sight(state_after(STEPS[:1]), SCHEMA)
    assert all(wording_of(topic_of(column), SCHEMA)(first) for column in SCHEMA.columns)


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (7_200_000, "2 h"), (86_400_000, "1 d")],
)
def test_a_span_is_told_in_its_largest_unit(milliseconds: int, words: str) -> None:
    assert span(milliseconds) == words


def test_effects_add_up_to_the_prediction_and_the_strongest_comes_first() -> None:
    random = np.random.default_rng(2)
    rows = np.tile(np.asarray([0.0], dtype=np.float32), (4_000, len(SCHEMA.columns)))
    cart = [column.name for column in SCHEMA.columns].index("count /cart")
    price = [column.name for column in SCHEMA.columns].index("newest price")
    rows[:, cart], rows[:, price] = random.integers(0, 2, 4_000), random.normal(size=4_000)
    came = (random.random(4_000) < 0.2 + 0.6 * rows[:, cart]).astype(np.float64)
    trees = grow(Sample(rows, came, np.ones(4_000)), [], trees=60)
    asked = trees, range(len(SCHEMA.columns))
    forest = Forest([asked], len(SCHEMA.columns))
    leaves = forest.leaves(rows[:50])
    explanation = Explanation([(trees, SCHEMA.columns)])
    spread = forest.logits(leaves)[:, 0] - explanation.effects(leaves)[:, 0].sum(axis=1)
    assert np.ptp(spread) == pytest.approx(0, abs=1e-4)
    strongest = explanation.strongest(leaves[[int(rows[:50, cart].argmax())]])
    assert explanation.topics[strongest.topics[0, 0, 0]] == ("place", "/cart")
    assert strongest.effects[0, 0, 0] > 0
    assert (np.diff(np.abs(strongest.effects[0, 0])) <= 0).all()


def test_trees_that_ask_nothing_have_no_reasons() -> None:
    rows = np.ones((500, 1), dtype=np.float32)
    trees = grow(Sample(rows, (np.arange(500) % 3 == 0).astype(np.float64), np.ones(500)), [])
    leaves = Forest([(trees, [0])], 1).leaves(rows[:2])
    for columns in (SCHEMA.columns[:0], SCHEMA.columns[:1]):
        assert (Explanation([(trees, columns)]).strongest(leaves).topics == NOTHING).all()
