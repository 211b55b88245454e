"""The wire format: one call of the Segment HTTP tracking API.

Source: https://segment.com/docs/connections/spec/common/
"""
# ruff: noqa: N815 - attributes are named as on the wire

import msgspec

EVENT_TYPES = frozenset({"page", "track", "identify", "alias", "group", "screen"})


class WireEvent(msgspec.Struct, kw_only=True):
    """One tracking call as it was sent; fields that we do not know are ignored.

    What `snippet.reading` returns is clean: text holds neither NUL nor lone surrogates, numbers are finite and fit
    64 bits, nesting is bounded. Only the shapes named here are checked: what lies inside `context`, `properties` and
    `traits` may have any type.
    """

    type: str = ""
    messageId: str = ""
    anonymousId: str | None = None
    userId: str | None = None
    previousId: str | None = None
    groupId: str | None = None
    event: str | None = None
    name: str | None = None
    timestamp: str | None = None
    sentAt: str | None = None
    context: dict[str, object] = {}
    properties: dict[str, object] = {}
    traits: dict[str, object] = {}
