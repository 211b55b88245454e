"""The endpoints that collect: everything below /v1.

POST /v1/{batch,page,track,identify,alias,group,screen} speak the Segment HTTP tracking API
(https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/), so that its libraries work unchanged;
the short paths are those of its browser and mobile libraries. GET /v1/projects/{writeKey}/settings configures the tag.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from starlette.types import Receive, Scope, Send

from snippet.admission import Arrival, admit
from snippet.body import read_body
from snippet.clock import whole_milliseconds
from snippet.credentials import MAX_WRITE_KEY_CHARACTERS, write_key_of
from snippet.cross_origin import PREFLIGHT, Header, check_origin, readable_by
from snippet.delivery import Answer, Delivery, Intake, Receipt, TimedEvent
from snippet.envelope import MAX_EVENTS, Envelope, read_batch, read_call
from snippet.errors import IntakeBusy, RefusedRequest
from snippet.privacy import BY_DEFAULT, ON, PRIVACY_SIGNAL, Privacy
from snippet.reading import read_message_id
from snippet.refusal import Refusal
from snippet.reply import Reply, json_reply, refused_reply, send_reply
from snippet.security_headers import security_headers
from snippet.storable import storable_text
from snippet.write_key import WriteKey

FindWriteKey = Callable[[str], Awaitable[WriteKey | None]]
Headers = Mapping[bytes, bytes]

_BATCH = "batch"
_CALLS = {
    **{f"/v1/{name}": _BATCH for name in ("batch", "b", "import")},
    **{f"/v1/{name}": name for name in ("page", "track", "identify", "alias", "group", "screen")},
    **{f"/v1/{name[0]}": name for name in ("page", "track", "identify", "alias", "group", "screen")},
}
_SETTINGS = re.compile(r"/v1/projects/([^/]+)/settings")

_SETTINGS_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"public, max-age=60"),
)

_log = structlog.get_logger(__name__)
MAX_AGE = timedelta(hours=24)
"""How late an event may come: a day offline is kept, more belongs into an import."""


def _new_message_id() -> str:
    return str(uuid4())


class Collector:
    """The ASGI app for all of /v1: reads, checks and hands over; answers once the intake has.

    `write_keys` finds a write key by what senders carry, `clock` tells the time of arrival as aware UTC, and `privacy`
    what is kept of senders.
    """

    def __init__(
        self,
        write_keys: FindWriteKey,
        intake: Intake,
        clock: Callable[[], datetime],
        new_message_id: Callable[[], str] = _new_message_id,
        privacy: Privacy = BY_DEFAULT,
    ) -> None:
        self._write_keys = write_keys
        self._intake = intake
        self._clock = clock
        self._new_message_id = new_message_id
        self._privacy = privacy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong becomes an answer."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        readable = readable_by(origin)
        try:
            reply = await self._reply(scope, headers, receive)
        except RefusedRequest as refused:
            reply = refused_reply(refused, *_allowed_methods(refused, scope["path"]))
            if refused.reason is Refusal.ORIGIN_NOT_ALLOWED:
                readable = readable_by(None)
        except IntakeBusy as busy:
            reply = _busy_reply(busy)
        except Exception:  # noqa: BLE001 - the last resort: masked for the sender, logged for us
            reply = _masked_reply(scope["path"])
        if reply is not None:
            await send_reply(send, reply, [*readable, *security_headers(scope["scheme"])])

    async def _reply(self, scope: Scope, headers: Headers, receive: Receive) -> Reply | None:
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS":
            return Reply(204, b"", PREFLIGHT)
        call = _CALLS.get(path)
        if call is not None:
            _check_method(method, "POST", path)
            return await self._collect(call, scope, headers, receive)
        if settings := _SETTINGS.fullmatch(path):
            _check_method(method, "GET", path)
            return await self._settings(settings[1], headers)
        raise RefusedRequest(Refusal.UNKNOWN_PATH, f"the path is {storable_text(path[:100])!r}; send to /v1/batch.")

    async def _collect(self, call: str, scope: Scope, headers: Headers, receive: Receive) -> Reply | None:
        body = await read_body(headers, receive)
        if body is None:
            return None
        received_date = whole_milliseconds(self._clock())
        envelope = read_batch(body) if call == _BATCH else read_call(body)
        key = write_key_of(headers, envelope.write_key, scope["query_string"])
        write_key = await self._authorised(key, headers)
        arrival = Arrival(
            write_key=write_key,
            received_date=received_date,
            new_message_id=self._new_message_id,
            event_type=None if call == _BATCH else call,
            sent_at=envelope.sent_at,
            user_agent=_text(headers.get(b"user-agent")),
            max_age=MAX_AGE,
            privacy=self._privacy,
            privacy_signal=headers.get(PRIVACY_SIGNAL) == ON,
        )
        admitted = [admit(raw, arrival) for raw in envelope.events[:MAX_EVENTS]]
        answer = await self._hand_over(admitted, arrival, scope, len(body))
        receipts = [*_receipts(admitted, answer.receipts), *_receipts_beyond_limit(envelope)]
        return json_reply({"success": True, "receipts": receipts, "actions": answer.actions})

    async def _hand_over(
        self, admitted: list[TimedEvent | Receipt], arrival: Arrival, scope: Scope, size: int
    ) -> Answer:
        events = tuple(event for event in admitted if isinstance(event, TimedEvent))
        if not events:
            return Answer(receipts=[], actions=[])
        client = scope.get("client")
        return await self._intake.accept(
            Delivery(
                write_key=arrival.write_key,
                events=events,
                received_date=arrival.received_date,
                ip_address=self._privacy.kept_address(client[0]) if client else None,
                user_agent=arrival.user_agent,
                size=size,
            )
        )

    async def _settings(self, key: str, headers: Headers) -> Reply:
        write_key = await self._authorised(key, headers)
        settings = json_reply(
            {
                "searchParameters": write_key.search_parameters,
                "excludedQueryParameters": write_key.excluded_query_parameters,
                "keepFragment": write_key.keep_fragment,
                "allowedDomains": write_key.allowed_domains,
            }
        )
        return Reply(200, settings.body, _SETTINGS_HEADERS)

    async def _authorised(self, key: str, headers: Headers) -> WriteKey:
        write_key = await self._write_keys(key) if 0 < len(key) <= MAX_WRITE_KEY_CHARACTERS else None
        if write_key is None:
            raise _unknown_write_key(key)
        check_origin(write_key, headers.get(b"origin"))
        return write_key


def _receipts(admitted: list[TimedEvent | Receipt], answered: list[Receipt]) -> list[Receipt]:
    """Return a receipt per event in the order in which they were sent: ours if refused, else the intake's."""
    answers = iter(answered)
    return [event if isinstance(event, Receipt) else next(answers) for event in admitted]


def _receipts_beyond_limit(envelope: Envelope) -> list[Receipt]:
    message = f"the event is beyond the first {MAX_EVENTS} of its batch; send it again in another."
    return [
        Receipt(read_message_id(raw), "rejected", Refusal.TOO_MANY_EVENTS, message)
        for raw in envelope.events[MAX_EVENTS:]
    ]


def _unknown_write_key(key: str) -> RefusedRequest:
    message = f"the write key is {storable_text(key[:50])!r}, which nobody has made."
    if not key:
        message = "there is no write key; send it as the user of basic authentication, or as writeKey in the body."
    return RefusedRequest(Refusal.UNKNOWN_WRITE_KEY, message)


def _check_method(method: str, allowed: str, path: str) -> None:
    if method != allowed:
        raise RefusedRequest(Refusal.WRONG_METHOD, f"the method is {method!r}; {path} takes {allowed}.")


def _allowed_methods(refused: RefusedRequest, path: str) -> tuple[Header, ...]:
    if refused.reason is not Refusal.WRONG_METHOD:
        return ()
    return ((b"allow", b"POST, OPTIONS" if path in _CALLS else b"GET, OPTIONS"),)


def _busy_reply(busy: IntakeBusy) -> Reply:
    refused = RefusedRequest(Refusal.BUSY, f"nothing can be taken now; send the same again in {busy.retry_after} s.")
    return refused_reply(refused, (b"retry-after", b"%d" % busy.retry_after))


def _masked_reply(path: str) -> Reply:
    error_id = str(uuid4())
    _log.exception("collecting failed", error_id=error_id, path=path)
    return refused_reply(RefusedRequest(Refusal.INTERNAL_ERROR, f"it went wrong here; see {error_id} in the log."))


def _text(header: bytes | None) -> str | None:
    return storable_text(header.decode("latin-1")) if header else None
