import pytest

from gateway.journey.features import FeatureSchema
from gateway.journey.page_group import PageGroups
from gateway.prediction.feature_words import feature_words

SCHEMA = FeatureSchema(PageGroups(("/cart", "/p/*")), ("order_completed",), ("price",), (("colour", ("red", "blue")),))


def test_every_column_has_words_of_its_own() -> None:
    words = [feature_words(column.name) for column in SCHEMA.columns]
    assert len(set(words)) == len(words)
    same = {column.kind for column in SCHEMA.columns if column.of and feature_words(column.name) == column.name}
    assert same == {"steps since", "newest", "mean", "highest"}


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        pytest.param("steps", "steps so far", id="of the session"),
        pytest.param("steps since /p/*", "steps since /p/*", id="whose kind begins as another one's"),
        pytest.param("mean gap", "mean pause between steps", id="whose kind is also that of a number"),
        pytest.param("mean price", "mean price", id="of a number"),
        pytest.param("seconds at {0} {}", "time spent at {0} {}", id="of a page with braces"),
        pytest.param("category colour", "colour", id="of a category"),
        pytest.param("step before 0", "the newest step", id="of the newest step"),
        pytest.param("moon phase", "moon phase", id="of a kind from the future"),
    ],
)
def test_a_feature_is_told_in_words(feature: str, words: str) -> None:
    assert feature_words(feature) == words
