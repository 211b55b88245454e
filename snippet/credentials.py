"""Where senders put the write key: as the user of basic authentication, in the body, or in the URL."""

from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qs

MAX_WRITE_KEY_CHARACTERS = 200


def write_key_of(headers: Mapping[bytes, bytes], body_key: str, query_string: bytes) -> str:
    """Return the first write key that the request carries, "" if it carries none that could be one."""
    key = _basic_user(headers.get(b"authorization", b"")) or body_key or _query_key(query_string)
    return key if len(key) <= MAX_WRITE_KEY_CHARACTERS and key.isprintable() else ""


@lru_cache(maxsize=1024)
def _basic_user(authorization: bytes) -> str:
    scheme, _, encoded = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        return b64decode(encoded).decode().partition(":")[0]
    except ValueError:  # neither base64 nor UTF-8
        return ""


def _query_key(query_string: bytes) -> str:
    if not query_string:
        return ""
    try:
        parameters = parse_qs(query_string.decode("latin-1"), max_num_fields=100)
    except ValueError:
        return ""
    return parameters.get("writeKey", [""])[0]
