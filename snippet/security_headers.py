"""Headers that every answer carries, so that a browser makes of it no more than it is."""

from snippet.cross_origin import Header

STRICT_TRANSPORT_SECURITY: Header = (b"strict-transport-security", b"max-age=31536000")
"""Only over TLS: a browser ignores it elsewhere. Without subdomains, which may be somebody else's."""
ON_EVERY_ANSWER: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    # for whoever opens the answer as a page of its own: nothing runs, nothing loads, and no page frames it
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_OVER_TLS = (*ON_EVERY_ANSWER, STRICT_TRANSPORT_SECURITY)


def security_headers(scheme: str) -> tuple[Header, ...]:
    """Return the headers for answers to requests of this scheme; a trusted proxy tells it as X-Forwarded-Proto."""
    return _OVER_TLS if scheme == "https" else ON_EVERY_ANSWER
