import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.ids import derive_id, short_id


@given(st.lists(st.text(), min_size=1))
def test_an_id_is_twenty_url_safe_characters_and_always_the_same(parts: list[str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", derive_id(*parts))
    assert derive_id(*parts) == derive_id(*parts)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(("b", "a"), id="another order"),
        pytest.param(("ab",), id="joined"),
        pytest.param(("a", "b", ""), id="an empty part more"),
        pytest.param(("A", "b"), id="another case"),
    ],
)
def test_other_parts_give_another_id(others: tuple[str, ...]) -> None:
    assert derive_id("a", "b") != derive_id(*others)


def test_a_lone_surrogate_does_not_stop_an_id() -> None:
    assert derive_id("\ud800") != derive_id("\ud801")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_short_id_is_six_digits(session_id: str) -> None:
    assert re.fullmatch(r"\d{6}", short_id(session_id))
