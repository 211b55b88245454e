"""The body of a request, read and unpacked within bounds."""

import zlib
from collections.abc import Mapping

from starlette.types import Receive

from snippet.errors import RefusedRequest
from snippet.refusal import Refusal

MAX_BODY_BYTES = 500 * 1024

_GZIP_WINDOW = zlib.MAX_WBITS | 16  # https://docs.python.org/3/library/zlib.html#zlib.decompress: 16 more means gzip
_CODINGS = {b"": False, b"identity": False, b"gzip": True, b"x-gzip": True}


async def read_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes | None:
    """Return the body as it was before compression; None if the sender hung up.

    Raises:
        RefusedRequest: request_too_large, unsupported_encoding, unreadable_compression.
    """
    is_gzip = _is_gzip(headers.get(b"content-encoding", b""))
    if _declared_length(headers) > MAX_BODY_BYTES:
        raise _too_large("the body")
    body = await _receive_all(receive)
    return unpack_gzip(body) if is_gzip and body is not None else body


def unpack_gzip(packed: bytes) -> bytes:
    """Return what was packed, in one or several members; never holds more than MAX_BODY_BYTES of it.

    Raises:
        RefusedRequest: request_too_large, unreadable_compression.
    """
    unpacked = b""
    while packed:
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        try:
            unpacked += unpacker.decompress(packed, MAX_BODY_BYTES + 1 - len(unpacked))
        except zlib.error as error:
            raise RefusedRequest(Refusal.UNREADABLE_COMPRESSION, f"the body is not gzip: {error}.") from None
        if len(unpacked) > MAX_BODY_BYTES:
            raise _too_large("the body, unpacked,")
        if not unpacker.eof:
            raise RefusedRequest(Refusal.UNREADABLE_COMPRESSION, "the body ends in the middle of its gzip data.")
        packed = unpacker.unused_data
    return unpacked


def _is_gzip(coding: bytes) -> bool:
    is_gzip = _CODINGS.get(coding.strip().lower())
    if is_gzip is None:
        name = coding[:50].decode("latin-1")
        raise RefusedRequest(Refusal.UNSUPPORTED_ENCODING, f"Content-Encoding is {name!r}; send gzip or none.")
    return is_gzip


def _declared_length(headers: Mapping[bytes, bytes]) -> int:
    """Return Content-Length as far as it is a number; what does not declare its length is measured while it arrives."""
    try:
        return int(headers.get(b"content-length", b"0"))
    except ValueError:
        return 0


async def _receive_all(receive: Receive) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _too_large("the body")
        if not message.get("more_body", False):
            return body


def _too_large(what: str) -> RefusedRequest:
    return RefusedRequest(Refusal.REQUEST_TOO_LARGE, f"{what} has more than {MAX_BODY_BYTES} bytes; send less at once.")
