"""Why a request or an event was refused: the words that senders see, and the HTTP status of each."""

from enum import StrEnum


class Refusal(StrEnum):
    """A reason to refuse; its value stands in the answer, and for a whole request in the header X-Journey-Refused."""

    # Of a whole request: nothing in it can be read.
    UNREADABLE_JSON = "unreadable_json"
    UNREADABLE_COMPRESSION = "unreadable_compression"
    NO_BATCH = "no_batch"
    UNKNOWN_WRITE_KEY = "unknown_write_key"
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    UNKNOWN_PATH = "unknown_path"
    WRONG_METHOD = "wrong_method"
    REQUEST_TOO_LARGE = "request_too_large"
    UNSUPPORTED_ENCODING = "unsupported_encoding"
    INTERNAL_ERROR = "internal_error"
    BUSY = "busy"

    # Of a whole request that is one event, or of one event in a batch.
    NOT_AN_OBJECT = "not_an_object"

    # Of one event: the rest of its batch is kept.
    UNREADABLE_EVENT = "unreadable_event"
    UNREADABLE_TIMESTAMP = "unreadable_timestamp"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_IDENTITY = "missing_identity"
    MISSING_EVENT_NAME = "missing_event_name"
    MESSAGE_ID_TOO_LONG = "message_id_too_long"
    EVENT_TOO_LARGE = "event_too_large"
    TOO_MANY_EVENTS = "too_many_events"
    ROBOT = "robot"
    DOMAIN_NOT_ALLOWED = "domain_not_allowed"
    TOO_OLD = "too_old"
    PRIVACY_SIGNAL = "privacy_signal"


STATUS_OF_REFUSED_REQUEST = {
    Refusal.UNREADABLE_JSON: 400,
    Refusal.UNREADABLE_COMPRESSION: 400,
    Refusal.NOT_AN_OBJECT: 400,
    Refusal.NO_BATCH: 400,
    Refusal.UNKNOWN_WRITE_KEY: 401,
    Refusal.ORIGIN_NOT_ALLOWED: 403,
    Refusal.UNKNOWN_PATH: 404,
    Refusal.WRONG_METHOD: 405,
    Refusal.REQUEST_TOO_LARGE: 413,
    Refusal.UNSUPPORTED_ENCODING: 415,
    Refusal.INTERNAL_ERROR: 500,
    Refusal.BUSY: 503,
}
