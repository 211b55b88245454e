"""Which pages of other origins may ask, in the words of CORS (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from collections.abc import Collection

Header = tuple[bytes, bytes]

EVERY_ORIGIN = "*"
_VARY: Header = (b"vary", b"origin")  # without it a cache would hand one origin's answer to another
_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"600"),
)


class CrossOrigin:
    """The origins whose pages may ask; without any, only those of our own, which need no permission.

    Tokens travel in a header that browsers never add by themselves, so there are no credentials to allow.
    """

    def __init__(self, origins: Collection[str], methods: str) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._every = EVERY_ORIGIN.encode() in self._origins
        self._methods = methods.encode()

    def headers(self, origin: bytes | None) -> list[Header]:
        """Return the headers that let a page of this origin read the answer, if it may."""
        if not self._origins:
            return []
        if not self._allows(origin):
            return [_VARY]
        return [
            _VARY,
            (b"access-control-allow-origin", origin or b"*"),
            (b"access-control-expose-headers", b"retry-after"),
        ]

    def preflight(self, origin: bytes | None) -> list[Header]:
        """Return the headers that let a page of this origin ask at all, if it may."""
        if not self._allows(origin):
            return self.headers(origin)
        return [*self.headers(origin), (b"access-control-allow-methods", self._methods), *_PREFLIGHT]

    def _allows(self, origin: bytes | None) -> bool:
        return self._every or (origin is not None and origin.lower() in self._origins)
