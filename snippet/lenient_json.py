"""The slow way to read JSON, for what the strict decoder refuses and real senders write all the same.

Python writes NaN and Infinity, browsers write half a surrogate pair where a text was cut, some editors a byte order
mark, and one broken event must not cost the others of its batch. Every function here is linear in the length of its
input and does not recurse, apart from the standard library's decoder, which guards itself.
"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise

from snippet.storable import storable

# A string, or a bracket, or a comma. A string that never ends runs up to the end of the input (\Z), so that the search
# does not start again at each of its escaped quotes.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[\[\]{},]', re.DOTALL)
_MEMBER = re.compile(rb'\s*("(?:[^"\\]|\\.)*+")\s*:(.*)', re.DOTALL)
_CLOSING = {b"[": b"]", b"{": b"}"}


def read_leniently(raw: bytes) -> object:
    """Return the JSON value, mended by `snippet.storable`.

    Raises:
        ValueError: it is no JSON, even so, or it is nested too deeply.
    """
    try:
        return storable(json.loads(raw.decode("utf-8-sig", "replace"), parse_constant=lambda _: None))
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def split_object(raw: bytes) -> dict[str, bytes]:
    """Return the members of a JSON object, each value as it stands in the input, whether it can be read or not.

    Raises:
        ValueError: quotes or brackets do not match, or it is no object.
    """
    members = {}
    for part in _split(raw, b"{"):
        match = _MEMBER.fullmatch(part)
        if match is None:
            raise ValueError(f"member {part[:40]!r} is no name with a value")
        members[str(read_leniently(match[1]))] = match[2]
    return members


def split_array(raw: bytes) -> list[bytes]:
    """Return the elements of a JSON array, each as it stands in the input, whether it can be read or not.

    Raises:
        ValueError: quotes or brackets do not match, or it is no array.
    """
    return list(_split(raw, b"["))


def _split(raw: bytes, opening: bytes) -> Iterator[bytes]:
    raw = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if not raw.startswith(opening):
        raise ValueError(f"begins with {raw[:1]!r} instead of {opening!r}")
    cuts = _cuts(raw)
    parts = [raw[start + 1 : end] for start, end in pairwise(cuts)]
    if cuts[-1] != len(raw) - 1:
        raise ValueError(f"goes on after its end at byte {cuts[-1]}")
    return iter(parts if len(parts) > 1 or parts[0].strip() else [])


def _cuts(raw: bytes) -> list[int]:
    """Return where the outermost bracket opens, where its commas stand, and where it closes."""
    cuts = []
    expected: list[bytes] = []
    for match in _TOKEN.finditer(raw):
        token = match[0]
        if token in _CLOSING:
            expected.append(_CLOSING[token])
            if len(expected) == 1:
                cuts.append(match.start())
        elif token in {b"]", b"}"}:
            if expected.pop() != token:
                raise ValueError(f"has an unexpected {token!r} at byte {match.start()}")
            if not expected:
                return [*cuts, match.start()]
        elif token == b"," and len(expected) == 1:
            cuts.append(match.start())
    raise ValueError("ends before its last bracket closes")
