import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.prediction.boosting import Trees
from gateway.prediction.forest import Forest, Rows
from tests.prediction.test_boosting import GROWN, ROWS

NAN, INFINITE = float("nan"), float("inf")
TOLD = [NAN, -2, -1, -0.4, 0, 0.3, 1, 2, 3, 7, 11, 1e9]
STRANGE = np.asarray(
    [[NAN, NAN, NAN], [INFINITE, -1, -INFINITE], [0, 0.5, 0], [-0.0, 4, NAN], [1e30, 1e9, -1e30], [0, -0.5, 0]],
    dtype=np.float32,
)


def grown(seed: int, leaves: int = 15, count: int = 12) -> Trees:
    """Return trees on random columns: one with gaps, one without, one of categories, one of whole numbers."""
    random = np.random.default_rng(seed)
    rows = np.column_stack(
        [*random.normal(size=(2, 2_000)), random.integers(-1, 9, 2_000), random.integers(0, 4, 2_000)]
    ).astype(np.float32)
    rows[random.random(2_000) < 0.2, 0] = NAN
    came = random.random(2_000) < 1 / (1 + np.exp(-np.nan_to_num(rows[:, 0]) - (rows[:, 2] == 2) + rows[:, 1]))
    parameters = {"objective": "binary", "num_leaves": leaves, "verbose": -1, "extra_trees": True, "seed": seed}
    data = lightgbm.Dataset(rows, came.astype(float), categorical_feature=[2])
    return Trees(lightgbm.train(parameters, data, count).model_to_string())


def theirs(trees: Trees, rows: Rows) -> NDArray[np.int64]:
    """Return the leaves that LightGBM finds, as places among those of all trees."""
    found = np.asarray(lightgbm.Booster(model_str=trees.text).predict(rows, pred_leaf=True), dtype=np.int64)
    first: NDArray[np.int64] = np.asarray([trees.first_leaf(tree) for tree in range(trees.count)])
    return found.reshape(len(rows), -1) + first


@pytest.mark.parametrize("rows", [ROWS, STRANGE, ROWS[:1], ROWS[:129]], ids=["many", "strange", "one", "more than fit"])
def test_each_row_ends_in_the_leaf_that_lightgbm_finds(rows: Rows) -> None:
    assert (Forest([(GROWN, range(3))], 3).leaves(rows) == theirs(GROWN, rows)).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 16))
def test_trees_of_any_shape_are_read_like_that(seed: int, leaves: int) -> None:
    trees = grown(seed, leaves)
    rows = (
        np.random.default_rng(seed)
        .choice([NAN, -2, -1, -0.4, 0, 0.3, 1, 2, 3, 7, 11, 1e9], (200, 4))
        .astype(np.float32)
    )
    assert (Forest([(trees, range(4))], 4).leaves(rows) == theirs(trees, rows)).all()


def test_several_models_are_asked_about_their_own_columns_of_the_same_rows() -> None:
    first, second = grown(1), grown(2, count=5)
    columns = {"first": [4, 0, 2, 5], "second": [1, 3, 0, 2]}
    rows = np.random.default_rng(3).normal(size=(50, 6)).astype(np.float32)
    forest = Forest([(first, columns["first"]), (second, columns["second"])], 6)
    told = forest.logits(forest.leaves(rows))
    for place, (trees, asked) in enumerate(((first, columns["first"]), (second, columns["second"]))):
        alone = lightgbm.Booster(model_str=trees.text).predict(rows[:, asked], raw_score=True)
        assert np.allclose(told[:, place], alone, rtol=0, atol=1e-12)


def test_without_rows_there_are_no_leaves() -> None:
    assert Forest([(GROWN, range(3))], 3).leaves(ROWS[:0]).shape == (0, GROWN.count)


def test_a_tree_with_too_many_leaves_is_refused_when_it_is_read() -> None:
    with pytest.raises(ValueError, match="17 leaves: 16 are as many as can be asked about"):
        grown(1, leaves=17, count=1)


def test_trees_that_take_zero_for_unknown_are_refused() -> None:
    numbers = np.where(ROWS[:, [2]] < 0, 0, ROWS[:, [2]])
    settings = {"objective": "binary", "verbose": -1, "zero_as_missing": True, "num_leaves": 4}
    data = lightgbm.Dataset(numbers, (numbers[:, 0] > 0.5).astype(float))
    text = lightgbm.train(settings, data, 2).model_to_string()
    with pytest.raises(ValueError, match="take 'Zero' for unknown"):
        Trees(text)
