"""From the bytes of one tracking call to a clean WireEvent: strictly and fast where that works, else leniently."""

import re

import msgspec

from snippet.errors import RefusedEvent
from snippet.event import WireEvent
from snippet.lenient_json import read_leniently
from snippet.refusal import Refusal
from snippet.storable import TooDeepError, is_storable, is_surely_storable, storable_text

_IDS = ("messageId", "anonymousId", "userId", "previousId", "groupId")
_EXCERPT_CHARACTERS = 50
_TIMES = frozenset({"timestamp", "sentAt"})
_FIELD = re.compile(r" - at `\$\.(\w+)")

_decoder = msgspec.json.Decoder(WireEvent)


class _Identified(msgspec.Struct):
    messageId: object = None  # noqa: N815 - as on the wire


_id_decoder = msgspec.json.Decoder(_Identified)


def read_event(raw: bytes | msgspec.Raw) -> WireEvent:
    """Return the tracking call written in `raw`; null counts as absent, ids may be numbers.

    Raises:
        RefusedEvent: it is not JSON, not an object, nested too deeply, or a field has a wrong type.
    """
    try:
        event = _decoder.decode(raw)
        clean = is_surely_storable(bytes(raw)) or _is_clean(event)
    except TooDeepError as error:
        raise RefusedEvent(Refusal.UNREADABLE_EVENT, f"the event {error}.") from None
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        clean = False
    return event if clean else _read_leniently(bytes(raw))


def read_message_id(raw: bytes | msgspec.Raw) -> str:
    """Return the message id of an event that is refused, so that its sender recognises it; "" if it cannot be read."""
    try:
        message_id = _id_decoder.decode(raw).messageId
    except (ValueError, RecursionError):
        message_id = _lenient_message_id(bytes(raw))
    return storable_text(_text_of_id(message_id))


def _is_clean(event: WireEvent) -> bool:
    texts = (event.type, event.messageId, event.anonymousId, event.userId, event.previousId, event.groupId)
    return (
        all(map(is_storable, texts))
        and is_storable(event.event)
        and is_storable(event.name)
        and is_storable(event.context, 1)
        and is_storable(event.properties, 1)
        and is_storable(event.traits, 1)
    )


def _read_leniently(raw: bytes) -> WireEvent:
    document = _read_object(raw)
    fields = {name: value for name, value in document.items() if value is not None}
    for name in _IDS:
        if name in fields:
            fields[name] = _text_of_id(fields[name]) or fields[name]
    try:
        return msgspec.convert(fields, WireEvent)
    except msgspec.ValidationError as error:
        raise _wrong_type(error, fields) from None


def _read_object(raw: bytes) -> dict[str, object]:
    try:
        document = read_leniently(raw)
    except TooDeepError as error:
        raise RefusedEvent(Refusal.UNREADABLE_EVENT, f"the event {error}.") from None
    except ValueError as error:
        raise RefusedEvent(Refusal.UNREADABLE_EVENT, f"the event is no JSON: {error}.") from None
    if not isinstance(document, dict):
        raise RefusedEvent(Refusal.NOT_AN_OBJECT, f"the event is {_excerpt(document)}, not an object.")
    return document


def _wrong_type(error: msgspec.ValidationError, fields: dict[str, object]) -> RefusedEvent:
    match = _FIELD.search(str(error))
    field = match[1] if match else ""
    reason = Refusal.UNREADABLE_TIMESTAMP if field in _TIMES else Refusal.UNREADABLE_EVENT
    return RefusedEvent(reason, f"{field} is {_excerpt(fields.get(field))}: {_FIELD.split(str(error))[0]}.")


def _lenient_message_id(raw: bytes) -> object:
    try:
        document = read_leniently(raw)
    except ValueError:
        return ""
    return document.get("messageId", "") if isinstance(document, dict) else ""


def _text_of_id(value: object) -> str:
    """Return an id as text: some senders use the numbers of their database."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return str(value) if is_number else ""
    except ValueError:  # an integer of thousands of digits: see sys.set_int_max_str_digits
        return ""


def _excerpt(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text[:_EXCERPT_CHARACTERS] + "…" * (len(text) > _EXCERPT_CHARACTERS)
