"""Headers that the answers of GraphQL and of all pages carry, unless they say something of their own."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from snippet.cross_origin import Header
from snippet.security_headers import security_headers

POWERFUL_FEATURES = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get"),
    *("screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
"""What browsers let a page do to the person before it; ours do none of it."""
ISOLATING: tuple[Header, ...] = (
    (b"permissions-policy", ", ".join(f"{feature}=()" for feature in POWERFUL_FEATURES).encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_BY_SCHEME = {scheme: (*security_headers(scheme), *ISOLATING) for scheme in ("http", "https")}


class SecurityHeaders:
    """An ASGI app whose answers are those of another, with these headers where it gives none of the same name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, and add to the head of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _BY_SCHEME.get(scope["scheme"], _BY_SCHEME["http"])

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                own = {name for name, _ in given}
                message["headers"] = [*given, *(header for header in headers if header[0] not in own)]
            await send(message)

        await self._app(scope, receive, send_guarded)
