import json
from math import inf, nan

import bson
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippet.storable import MAX_DEPTH, TooDeepError, is_storable, is_surely_storable, storable

TEXTS = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda children: st.lists(children, max_size=5) | st.dictionaries(TEXTS, children, max_size=5),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(nan, None, id="not a number"),
        pytest.param([inf, -inf], [None, None], id="infinities"),
        pytest.param(2**63 + 1, float(2**63), id="beyond 64 bits"),
        pytest.param(10**400, None, id="beyond floating point"),
        pytest.param(-(2**63), -(2**63), id="the smallest of 64 bits"),
        pytest.param("a\0b", "a\ufffdb", id="NUL"),
        pytest.param("\ud83d", "\ufffd", id="half a surrogate pair"),
        pytest.param({"a\0": {"\udc00": 1}}, {"a\ufffd": {"\ufffd": 1}}, id="in keys"),
        pytest.param({"": 1, "$set": 1, "a.b": 1}, {"": 1, "$set": 1, "a.b": 1}, id="keys that only look dangerous"),
        pytest.param([True, None, "é😀"], [True, None, "é😀"], id="what is fine stays"),
    ],
)
def test_mends_as_javascript_would(value: object, expected: object) -> None:
    assert storable(value) == expected
    assert is_storable(value) is (value == expected)


@given(st.dictionaries(TEXTS, JSON, max_size=5))
def test_mongodb_takes_whatever_is_mended(document: dict[str, object]) -> None:
    mended = storable(document)
    assert isinstance(mended, dict)
    assert is_storable(mended)
    bson.encode(mended)


@pytest.mark.parametrize("check", [storable, is_storable])
def test_depth_is_bounded(check: object) -> None:
    assert callable(check)
    nested: object = 1
    for _ in range(MAX_DEPTH):
        nested = {"a": nested}
    check(nested)
    with pytest.raises(TooDeepError, match="64 levels"):
        check([nested])


JSON_TEXTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\0", "\ud800", 2**63, 10**400, 1e308, "1e999"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_TEXTS, st.booleans())
def test_what_is_surely_storable_by_its_text_is_storable_by_its_values(value: object, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    try:
        read = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return
    if is_surely_storable(text):
        assert is_storable(read)


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        pytest.param(b'{"a":"text","b":[1,2.5,true,null]}', True, id="a usual one"),
        pytest.param(b'{"a":"\\u0000"}', False, id="NUL"),
        pytest.param(b'{"a":"\\ud800"}', False, id="half a pair"),
        pytest.param(b'{"a":9223372036854775808}', False, id="a large integer"),
        pytest.param(b'{"a":1e999}', False, id="an infinity"),
        pytest.param(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, False, id="deep"),
    ],
)
def test_the_text_alone_tells_what_need_not_be_looked_at(text: bytes, sure: bool) -> None:
    assert is_surely_storable(text) is sure
