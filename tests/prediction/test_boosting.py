import zlib

import lightgbm
import numpy as np
import pytest

from gateway.prediction.boosting import LAST_TREES, Sample, Trees, grow
from gateway.prediction.errors import LightGBMMissing
from gateway.prediction.forest import Node

RANDOM = np.random.default_rng(5)
ROWS = np.column_stack([RANDOM.normal(size=3_000), RANDOM.integers(0, 4, 3_000), RANDOM.normal(size=3_000)]).astype(
    np.float32
)
ROWS[::7, 0] = np.nan
CAME = (RANDOM.random(3_000) < 1 / (1 + np.exp(-2 * np.nan_to_num(ROWS[:, 0]) - (ROWS[:, 1] == 2)))).astype(np.float64)
SAMPLE = Sample(ROWS[:2_000], CAME[:2_000], np.ones(2_000))
TUNE = Sample(ROWS[2_000:], CAME[2_000:], np.ones(1_000))
GROWN = grow(SAMPLE, [1], TUNE)


def test_leaves_add_up_to_what_lightgbm_tells() -> None:
    theirs = lightgbm.Booster(model_str=GROWN.text).predict(ROWS)
    assert np.allclose(GROWN.told(ROWS), theirs, rtol=0, atol=1e-12)


def test_a_row_is_told_the_same_alone_and_among_others() -> None:
    alone = np.concatenate([GROWN.told(ROWS[number : number + 1]) for number in range(100)])
    assert (alone == GROWN.told(ROWS)[:100]).all()


def test_trees_come_back_as_they_were_packed() -> None:
    assert (Trees.unpacked(GROWN.packed()).told(ROWS) == GROWN.told(ROWS)).all()


def test_as_many_trees_are_kept_as_do_best_on_other_rows() -> None:
    assert 0 < GROWN.count < 400
    assert grow(SAMPLE, [1], trees=7).count == 7


def test_what_counts_is_important() -> None:
    assert GROWN.importance.sum() == pytest.approx(1)
    assert GROWN.importance.argmax() == 0


def test_only_the_last_trees_ask_about_a_doubted_column() -> None:
    asked = [asked_by(tree) for tree in grow(SAMPLE, [1], trees=30, doubted=[0]).structure]
    assert all(columns <= {1, 2} for columns in asked[:-LAST_TREES])
    assert asked[-LAST_TREES:] == [{0}] * LAST_TREES


def asked_by(node: Node) -> set[int]:
    """Return the columns that a tree asks about."""
    if "split_feature" not in node:
        return set()
    return {node["split_feature"]} | asked_by(node["left_child"]) | asked_by(node["right_child"])


@pytest.mark.parametrize(
    "doubted", [pytest.param([2], id="one of which nothing comes"), pytest.param([0, 1, 2], id="all")]
)
def test_trees_that_have_little_to_ask_about_still_tell(doubted: list[int]) -> None:
    told = grow(SAMPLE, [1], TUNE, doubted=doubted).told(ROWS)
    assert told.mean() == pytest.approx(CAME.mean(), abs=0.05)


def test_growing_again_grows_the_same() -> None:
    assert grow(SAMPLE, [1], TUNE).text == GROWN.text


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no archive", id="not packed"),
        pytest.param(GROWN.packed()[:-50], id="cut off"),
        pytest.param(zlib.compress(b"tree\nversion=v4\n"), id="not trees"),
        pytest.param(zlib.compress(b"\xff\xfe"), id="no text"),
    ],
)
def test_what_is_broken_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="the trees of a model cannot be"):
        Trees.unpacked(packed)


def test_without_openmp_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"libgomp.so.1: cannot open shared object file, for {name}")

    monkeypatch.setattr("gateway.prediction.boosting.import_module", missing)
    with pytest.raises(LightGBMMissing, match=r"libgomp\.so\.1.*: install OpenMP, the package libgomp1"):
        Trees("")
