"""docs/segments.md lists the keys and operators that there are."""

import re
from pathlib import Path

from gateway.journey.conditions import MAX_CHARACTERS, MAX_COUNT, MAX_CRITERIA, MAX_PATTERNS, MAX_VALUES
from gateway.journey.criterion import NEGATIVE, Operator
from gateway.journey.criterion_keys import CONTEXT_KEYS, JOURNEY_KEYS
from gateway.journey.definition_fields import MAX_EXPIRATION_DAYS

PAGE = (Path(__file__).parents[2] / "docs/segments.md").read_text()


def first_cells(heading: str) -> list[str]:
    """Return the code in the first cells of the table below a heading."""
    section = PAGE.split(f"### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


def test_every_key_of_visits_is_listed_once() -> None:
    assert sorted(first_cells("Keys of visits")) == sorted(CONTEXT_KEYS)


def test_every_key_of_events_is_listed_once() -> None:
    assert sorted(first_cells("Keys of events")) == sorted([*JOURNEY_KEYS, "attributes.<name>.value"])


def test_every_operator_is_listed_once_with_its_name_in_graphql() -> None:
    assert sorted(first_cells("Operators")) == sorted(operator.value for operator in Operator)
    for operator in Operator:
        assert f"| `{operator.value}` | `{operator.name}` |" in PAGE


def test_the_operators_that_fit_what_is_not_told_are_named() -> None:
    sentence = PAGE.split("visit that came by none, fits ")[1].split(", and no other")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == {operator.value for operator in NEGATIVE}


def test_limits_are_those_of_the_code() -> None:
    assert (
        f"{MAX_PATTERNS} patterns each, {MAX_CRITERIA} criteria a pattern, {MAX_VALUES} values a criterion, "
        f"{MAX_CHARACTERS:,} characters a value, counts up to {MAX_COUNT:,}." in PAGE
    )
    assert f"0 to {MAX_EXPIRATION_DAYS:,}" in PAGE
