"""`journey-gateway write-key`: who may collect, from where, and how the tag of that site behaves."""

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import urlsplit

import typer

from gateway.app import now
from gateway.cli.failures import CommandError
from gateway.cli.identity_key import identity_key, identity_secret
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.cli.token import name_given
from gateway.intake.write_keys import write_key_from
from gateway.storage.database import Row
from gateway.storage.rows import all_rows
from gateway.storage.write_keys import add_write_key, change_write_key

write_key = typer.Typer(help="Make, list and change the write keys that sites collect with.", no_args_is_help=True)
_DOMAIN = re.compile(r"(\*\.)?[^\s/:@?#*]+")
_REPLACES = "; given several times, a list; it replaces what was set before, and '' empties it."


@write_key.command("list")
def list_() -> None:
    """List the write keys with all their settings."""
    run(_list())


@write_key.command()
def create(name: Annotated[str, typer.Option(help="The site that will use it.")]) -> None:
    """Make a write key that collects from everywhere, and print it."""
    run(_create(name))


@write_key.command("set")
def set_(  # noqa: PLR0913, PLR0917 - one option per setting of a write key
    key: Annotated[str, typer.Argument(help="The write key.")],
    name: Annotated[str | None, typer.Option(help="The site that uses it.")] = None,
    allowed_origin: Annotated[
        list[str] | None,
        typer.Option(help=f"Origin whose pages may send, such as https://shop.example, or *{_REPLACES}"),
    ] = None,
    allowed_domain: Annotated[
        list[str] | None, typer.Option(help=f"Domain whose pages are collected, with its subdomains{_REPLACES}")
    ] = None,
    search_parameter: Annotated[
        list[str] | None, typer.Option(help=f"URL parameter that holds a site search{_REPLACES}")
    ] = None,
    excluded_query_parameter: Annotated[
        list[str] | None, typer.Option(help=f"URL parameter that is never stored{_REPLACES}")
    ] = None,
    keep_fragment: Annotated[bool | None, typer.Option(help="Whether to store what follows # in a URL.")] = None,
    robots: Annotated[bool | None, typer.Option(help="Whether to take what robots do.")] = None,
) -> None:
    """Change settings of a write key; what is not given stays. Servers follow within seconds."""
    given: dict[str, str | list[str] | bool | None] = {
        "name": name,
        "allowedOrigins": allowed_origin,
        "allowedDomains": allowed_domain,
        "searchParameters": search_parameter,
        "excludedQueryParameters": excluded_query_parameter,
        "keepFragment": keep_fragment,
        "acceptRobots": robots,
    }
    run(_set(key, {field: value for field, value in given.items() if value is not None}))


write_key.command("identity-secret")(identity_secret)
write_key.command("identity-key")(identity_key)


async def _list() -> None:
    async with surroundings(read_settings(), join=True) as ready:
        rows = await all_rows(ready.connection.database, "writeKeys")
    typer.echo("\n\n".join(_described(row) for row in rows))


async def _create(name: str) -> None:
    label = name_given(name)
    async with surroundings(read_settings(), join=True) as ready:
        row = await add_write_key(ready.connection.database, f"wk_{secrets.token_urlsafe(32)}", label, now())
    typer.echo(row["key"])


async def _set(key: str, given: Mapping[str, str | list[str] | bool]) -> None:
    changes = {field: _read(field, value) for field, value in given.items()}
    if not changes:
        raise CommandError("Nothing is to be changed: give at least one option; --help lists them.")
    async with surroundings(read_settings(), join=True) as ready:
        row = await change_write_key(ready.connection.database, key, changes)
    if row is None:
        raise CommandError(f"There is no write key {key!r}: `journey-gateway write-key list` shows those there are.")
    typer.echo(_described(row))


def _described(row: Row) -> str:
    found = write_key_from(row)
    settings = {
        "name": found.name,
        "allowed origins": ", ".join(found.allowed_origins) or "none: pages cannot send",
        "allowed domains": ", ".join(found.allowed_domains) or "all",
        "search parameters": ", ".join(found.search_parameters) or "none",
        "excluded query parameters": ", ".join(found.excluded_query_parameters) or "none",
        "fragment of URLs": "kept" if found.keep_fragment else "dropped",
        "robots": "accepted" if found.accept_robots else "refused",
        "identity key": "set" if found.identity_public_key else "none",
        "created": f"{row['createdDate']:%Y-%m-%d %H:%M} UTC",
    }
    return "\n".join([found.key, *(f"  {name:<26}{value}" for name, value in settings.items())])


def _read(field: str, value: str | list[str] | bool) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return name_given(value)
    read = _READERS[field]
    return list(dict.fromkeys(read(text.strip()) for text in value if text.strip()))


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if text == "*" or (parts.scheme and parts.netloc and parts.path in ("", "/") and not parts.query + parts.fragment):
        return text.lower().rstrip("/")
    raise CommandError(f"--allowed-origin is {text!r}: give scheme and host, such as https://shop.example, or *.")


def _domain(text: str) -> str:
    if _DOMAIN.fullmatch(text):
        return text.lower()
    raise CommandError(f"--allowed-domain is {text!r}: give a host without scheme and path, such as shop.example.")


_READERS: Mapping[str, Callable[[str], str]] = {
    "allowedOrigins": _origin,
    "allowedDomains": _domain,
    "searchParameters": str,
    "excludedQueryParameters": str,
}
