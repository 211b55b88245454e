"""Which media type is written for which `Accept`, and what counts as plain JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph.media_types import JSON, RESPONSE, answer_type_of, is_plain_json


@pytest.mark.parametrize(
    ("accept", "written"),
    [
        pytest.param("", JSON, id="nothing said"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("application/*", JSON, id="any application"),
        pytest.param(f"{JSON}, {RESPONSE}", RESPONSE, id="both alike"),
        pytest.param(f"{RESPONSE};charset=utf-8", RESPONSE, id="with the charset that we write"),
        pytest.param(f"{RESPONSE};charset=latin1, {JSON}", JSON, id="with another charset"),
        pytest.param(f"{RESPONSE};q=0.5,{JSON};q=0.6", JSON, id="JSON rather"),
        pytest.param(f"{RESPONSE}; Q=0.5 , {JSON}; q=0.4", RESPONSE, id="the response type rather"),
        pytest.param("text/html, */*;q=0.1", JSON, id="anything at last"),
        pytest.param("text/html", None, id="a page"),
        pytest.param(f"{JSON};q=0", None, id="anything but JSON"),
        pytest.param(f"{JSON};q=much", None, id="a quality that is no number"),
    ],
)
def test_the_best_of_the_accepted_media_types_is_written(accept: str, written: str | None) -> None:
    assert answer_type_of(accept) == written


@pytest.mark.parametrize(
    ("content_type", "is_json"),
    [
        ("application/json", True),
        ("Application/JSON ; charset=UTF-8", True),
        ('application/json; charset="utf-8"', True),
        ("application/json; charset=utf-16", False),
        ("application/json; boundary=x", False),
        ("text/json", False),
        ("", False),
    ],
)
def test_plain_json_is_json_in_utf_8(content_type: str, *, is_json: bool) -> None:
    assert is_plain_json(content_type) is is_json


@given(st.text())
def test_no_header_is_too_strange(text: str) -> None:
    assert answer_type_of(text) in {JSON, RESPONSE, None}
    assert is_plain_json(text) in {True, False}
