import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippet.lenient_json import read_leniently, split_array, split_object

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children, max_size=5) | st.dictionaries(st.text(), children, max_size=5),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}, id="what Python writes"),
        pytest.param(b'"\\ud83d"', "\ufffd", id="half a surrogate pair"),
        pytest.param(b'"\xff"', "\ufffd", id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf[1]", [1], id="byte order mark"),
        pytest.param(b"1e999", None, id="beyond floating point"),
    ],
)
def test_reads_what_real_senders_write(raw: bytes, expected: object) -> None:
    assert read_leniently(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="too deep to read"),
        pytest.param(b"[" * 100 + b"]" * 100, id="too deep to store"),
        pytest.param(b"1" * 10_000, id="thousands of digits"),
    ],
)
def test_what_is_no_json_stays_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_leniently(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"[]", [], id="empty"),
        pytest.param(b" [ ] ", [], id="blanks"),
        pytest.param(b"[1,nonsense,[2,3]]", [b"1", b"nonsense", b"[2,3]"], id="an unreadable element"),
        pytest.param(b'["]",{"a":"\\",["}]', [b'"]"', b'{"a":"\\",["}'], id="brackets in strings"),
        pytest.param(b"[" + b"[" * 50_000 + b"]" * 50_000 + b",1]", [b"[" * 50_000 + b"]" * 50_000, b"1"], id="depth"),
    ],
)
def test_splits_an_array_without_reading_its_elements(raw: bytes, expected: list[bytes]) -> None:
    assert split_array(raw) == expected


@given(st.lists(JSON, max_size=5))
def test_splitting_finds_exactly_the_elements(values: list[object]) -> None:
    assert [json.loads(part) for part in split_array(json.dumps(values).encode())] == values


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_splitting_finds_exactly_the_members(members: dict[str, object]) -> None:
    parts = split_object(json.dumps(members, ensure_ascii=False).encode())
    assert {name.replace("\ufffd", "\0"): json.loads(part) for name, part in parts.items()} == {
        name.replace("\ufffd", "\0"): value for name, value in members.items()
    }


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[1", id="cut off"),
        pytest.param(b'["a]', id="cut off in a string"),
        pytest.param(b"[}", id="wrong bracket"),
        pytest.param(b"[1] 2", id="more behind"),
        pytest.param(b"{}", id="an object"),
        pytest.param(b'["' + b'\\"' * 250_000, id="a string that never ends, full of quotes"),
    ],
)
def test_what_is_not_balanced_is_no_array(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        split_array(raw)


@given(st.text('[]{},:"\\a1 \n', max_size=60))
def test_any_text_can_be_split_or_is_refused(text: str) -> None:
    for split in (split_array, split_object):
        try:
            split(text.encode())
        except ValueError:
            continue
