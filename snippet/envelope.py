"""What stands around the events of a request: the write key, the time of sending, the batch itself."""

from typing import TypeVar

import msgspec

from snippet.errors import RefusedRequest
from snippet.lenient_json import read_leniently, split_array, split_object
from snippet.refusal import Refusal

MAX_EVENTS = 500
MAX_LISTED_EVENTS = 5_000  # those beyond MAX_EVENTS get a receipt each, which must not outweigh the request by far

_Events = TypeVar("_Events", list[msgspec.Raw], list[bytes])


class Envelope(msgspec.Struct, frozen=True):
    """The parts of a request that concern all its events. Each event is the JSON as it was sent, yet unread."""

    write_key: str
    sent_at: object
    events: list[msgspec.Raw] | list[bytes]


class _Members(msgspec.Struct):
    writeKey: object = None  # noqa: N815 - as on the wire
    sentAt: object = None  # noqa: N815 - as on the wire
    batch: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_members_decoder = msgspec.json.Decoder(_Members)
_events_decoder = msgspec.json.Decoder(list[msgspec.Raw])


def read_call(body: bytes) -> Envelope:
    """Return the envelope of a body that is one event, such as POST /v1/track has.

    Raises:
        RefusedRequest: unreadable_json, not_an_object.
    """
    try:
        members = _members_decoder.decode(body)
    except (ValueError, RecursionError):
        document = _read_object(body)
        return Envelope(_text(document.get("writeKey")), None, [body])
    return Envelope(_text(members.writeKey), None, [body])


def read_batch(body: bytes) -> Envelope:
    """Return the envelope of a body with a `batch`; broken events stay in it, to be refused one by one.

    Raises:
        RefusedRequest: unreadable_json, not_an_object, no_batch, request_too_large.
    """
    try:
        members = _members_decoder.decode(body)
        if isinstance(members.batch, msgspec.Raw):
            events = _listed(_events_decoder.decode(members.batch))
            return Envelope(_text(members.writeKey), members.sentAt, events)
    except (ValueError, RecursionError):
        return _salvage(body)
    raise RefusedRequest(Refusal.NO_BATCH, 'the body has no batch; send {"batch": [...]}.')


def _listed(events: _Events) -> _Events:
    if len(events) <= MAX_LISTED_EVENTS:
        return events
    raise RefusedRequest(
        Refusal.REQUEST_TOO_LARGE,
        f"batch holds {len(events)} events; {MAX_EVENTS} are taken, {MAX_LISTED_EVENTS} at most are listed.",
    )


def _salvage(body: bytes) -> Envelope:
    """Return the envelope of a body that is not JSON as a whole, though parts of it are."""
    try:
        members = split_object(body)
    except (ValueError, RecursionError):
        _read_object(body)
        raise _unreadable("quotes or brackets do not match") from None
    if "batch" not in members:
        _read_object(body)
        raise RefusedRequest(Refusal.NO_BATCH, 'the body has no batch; send {"batch": [...]}.')
    events = _salvage_events(members["batch"])
    return Envelope(_text(_read_or_none(members.get("writeKey"))), _read_or_none(members.get("sentAt")), events)


def _salvage_events(raw: bytes) -> list[bytes]:
    try:
        events = _listed(split_array(raw))
    except ValueError:
        value = _read_or_none(raw)
        raise RefusedRequest(Refusal.NO_BATCH, f"batch is {str(value)[:40]!r}, not a list of events.") from None
    if events and all(_read_or_none(event) is None for event in events):
        raise _unreadable("none of the events in batch is JSON")
    return events


def _read_object(body: bytes) -> dict[str, object]:
    try:
        document = read_leniently(body)
    except ValueError as error:
        raise _unreadable(str(error)) from None
    if isinstance(document, dict):
        return document
    raise RefusedRequest(Refusal.NOT_AN_OBJECT, f"the body is {str(document)[:40]!r}, not an object.")


def _read_or_none(raw: bytes | None) -> object:
    try:
        return None if raw is None else read_leniently(raw)
    except ValueError:
        return None


def _unreadable(why: str) -> RefusedRequest:
    return RefusedRequest(Refusal.UNREADABLE_JSON, f"the body is no JSON: {why}.")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
