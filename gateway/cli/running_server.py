"""The server that a command talks to: where it is, whether it answers, and what its refusals mean."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import msgspec
import typer

from gateway.cli.failures import CommandError
from gateway.settings import Settings

TIMEOUT_SECONDS = 10.0
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what a server listens on, turned into a way there

Url = Annotated[
    str | None, typer.Option(help="Address of the running server; that of JOURNEY_HOST and JOURNEY_PORT unless given.")
]
WriteKeyOption = Annotated[
    str | None, typer.Option("--write-key", help="Write key to send with; the first one of the database unless given.")
]


def server_url(settings: Settings, url: str | None) -> str:
    """Return the address of the server, without a slash at its end.

    Raises:
        CommandError: it is no address of a web server.
    """
    if url is None:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        return f"http://{_ANY_ADDRESS.get(settings.host, host)}:{settings.port}"
    with suppress(httpx.InvalidURL, ValueError):  # the latter from urlsplit, which knows more of IPv6
        if urlsplit(url).hostname and httpx.URL(url).scheme in {"http", "https"}:
            return url.rstrip("/")
    raise CommandError(f"--url is {url!r}: give the address of a server, such as http://127.0.0.1:8000.")


def is_here(url: str) -> bool:
    """Tell whether the server is on this machine, so that no proxy of the environment stands in between."""
    host = httpx.URL(url).host
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def new_client(url: str) -> httpx.AsyncClient:
    """Return a client of the server at this address."""
    return httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=not is_here(url))


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a server that answers.

    Raises:
        CommandError: it does not answer, or there is something else at this address.
    """
    async with new_client(url) as client:
        try:
            (await client.get("/healthz")).raise_for_status()
        except httpx.HTTPError as error:
            raise CommandError(f"{why(error)} Start it with `journey-gateway serve`, or name it with --url.") from None
        yield client


def why(error: httpx.HTTPError) -> str:
    """Return one sentence on what went wrong with a request, in the server's own words where it gave some."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"{_target(error.request)} answered {error.response.status_code}{_words_of(error.response)}."
    if isinstance(error, httpx.TimeoutException):
        return f"{_target(error.request)} gave no answer in {TIMEOUT_SECONDS:.0f} s."
    return f"No server answers at {_target(error.request)} ({str(error).rstrip('.') or type(error).__name__})."


def _target(request: httpx.Request) -> str:
    return str(request.url.copy_with(query=None, userinfo=b""))


def _words_of(response: httpx.Response) -> str:
    try:
        answer = msgspec.json.decode(response.content, type=_Refusal)
    except msgspec.MsgspecError:
        answer = _Refusal()
    words = [answer.message, *(error.message for error in answer.errors), *response.text.strip()[:200].splitlines()]
    text = next(filter(None, words), "")
    return f": {text.rstrip('.')}" if text else ""


class _Error(msgspec.Struct):
    message: str = ""


class _Refusal(msgspec.Struct):
    """What the collector and GraphQL say when they refuse a request."""

    message: str = ""
    errors: list[_Error] = []
