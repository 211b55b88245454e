"""Values as any JSON sender may write them, made into values that can be stored and sent on.

JSON allows more than a database, or the next reader, can take. Nothing is refused for it but depth; the rest is mended
the way JavaScript would have sent it:

- NaN and the infinities become null, as JSON.stringify has it;
- integers beyond 64 bits become floating point numbers, as every number of JavaScript is;
- NUL and lone surrogates in text, keys included, become U+FFFD, as String.prototype.toWellFormed has it.
"""

from math import isfinite

MAX_DEPTH = 64  # MongoDB takes 100 levels, and what is stored stands a few levels deep in its document
_INT64 = range(-(2**63), 2**63)
_SHAPE_OF_NUMBERS = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_INTEGER = b"0" * 19
_LARGE_EXPONENT = b"0e000"


class TooDeepError(ValueError):
    """The value is nested deeper than MAX_DEPTH."""


def is_surely_storable(text: bytes) -> bool:
    """Tell from a JSON text alone, without a look at each value, that what it says can be kept as it is.

    False means that it is not sure: there is an escape that may be NUL or half a surrogate pair, a number that may be
    too large, or enough brackets to be too deep.
    """
    if b"\\u" in text or text.count(b"{") + text.count(b"[") >= MAX_DEPTH:
        return False
    shape = text.translate(_SHAPE_OF_NUMBERS, b"+.")  # a regular expression takes ten times as long
    return _LONG_INTEGER not in shape and _LARGE_EXPONENT not in shape


def is_storable(value: object, depth: int = 0) -> bool:
    """Tell whether the JSON value can be kept as it is.

    Raises:
        TooDeepError: it is nested deeper than MAX_DEPTH levels.
    """
    if isinstance(value, str):
        return _is_storable_text(value)
    if isinstance(value, dict):
        _check_depth(depth)
        return all(_is_storable_text(key) and is_storable(item, depth + 1) for key, item in value.items())
    if isinstance(value, list):
        _check_depth(depth)
        return all(is_storable(item, depth + 1) for item in value)
    if isinstance(value, int):
        return value in _INT64
    return not isinstance(value, float) or isfinite(value)


def storable(value: object, depth: int = 0) -> object:
    """Return the JSON value mended as this module says.

    Raises:
        TooDeepError: it is nested deeper than MAX_DEPTH levels.
    """
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        _check_depth(depth)
        return {storable_text(str(key)): storable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        _check_depth(depth)
        return [storable(item, depth + 1) for item in value]
    if isinstance(value, int | float):
        return _storable_number(value)
    return value


def storable_text(text: str) -> str:
    """Return the text with U+FFFD where it holds NUL or half a surrogate pair."""
    if _is_storable_text(text):
        return text
    return text.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _is_storable_text(text: str) -> bool:
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _storable_number(number: float) -> float | None:
    if isinstance(number, int):
        if number in _INT64:
            return number
        try:
            number = float(number)
        except OverflowError:
            return None
    return number if isfinite(number) else None


def _check_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise TooDeepError(f"is nested deeper than {MAX_DEPTH} levels")
