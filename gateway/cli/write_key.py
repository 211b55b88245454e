"""`journey-gateway write-key`: who may collect, from where, and how the tag of that site behaves."""

from collections.abc import Mapping
from typing import Annotated

import typer

from gateway.access.write_keys import change_write_key, create_write_key, revoke_write_key
from gateway.cli.failures import CommandError
from gateway.cli.identity_key import identity_key, identity_secret
from gateway.cli.operator import OPERATOR
from gateway.cli.refused_options import told_by_option
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.cli.write_keys_called import write_key_called
from gateway.clock import now
from gateway.intake.write_keys import write_key_from
from gateway.journey.division import HOME
from gateway.storage.database import Row
from gateway.storage.rows import all_rows

write_key = typer.Typer(
    help="Make, list, change and revoke the write keys that sites collect with.", no_args_is_help=True
)
Division = Annotated[
    str | None, typer.Option(help=f"Id of the division that all belongs to which it collects; {HOME} for none.")
]
OPTIONS = {
    "name": "--name",
    "allowedOrigins": "--allowed-origin",
    "allowedDomains": "--allowed-domain",
    "searchParameters": "--search-parameter",
    "excludedQueryParameters": "--excluded-query-parameter",
    "divisionId": "--division",
}
_REPLACES = "; given several times, a list; it replaces what was set before, and '' empties it."


@write_key.command("list")
def list_() -> None:
    """List the write keys with all their settings."""
    run(_list())


@write_key.command()
def create(name: Annotated[str, typer.Option(help="The site that will use it.")], division: Division = None) -> None:
    """Make a write key that collects from everywhere, and print it."""
    run(_create(name, division))


@write_key.command()
def revoke(key: Annotated[str, typer.Argument(help="The write key, or its name.")]) -> None:
    """Revoke a write key, for ever: within seconds it collects nothing more. What it has collected stays."""
    run(_revoke(key))


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
    division: Division = None,
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
        "divisionId": division,
    }
    run(_set(key, {field: value for field, value in given.items() if value is not None}))


write_key.command("identity-secret")(identity_secret)
write_key.command("identity-key")(identity_key)


async def _list() -> None:
    async with surroundings(read_settings(), join=True) as ready:
        rows = await all_rows(ready.connection.database, "writeKeys")
    typer.echo("\n\n".join(_described(row) for row in rows))


async def _create(name: str, division: str | None) -> None:
    async with surroundings(read_settings(), join=True) as ready:
        told = {"name": name, "divisionId": division}
        with told_by_option(OPTIONS):
            row = await create_write_key(ready.connection.database, told, OPERATOR, now())
    typer.echo(row["key"])


async def _set(key: str, given: Mapping[str, str | list[str] | bool]) -> None:
    if not given:
        raise CommandError("Nothing is to be changed: give at least one option; --help lists them.")
    told = {field: _listed(value) for field, value in given.items()}
    async with surroundings(read_settings(), join=True) as ready:
        database = ready.connection.database
        found = await write_key_called(database, key)
        with told_by_option(OPTIONS):
            row = await change_write_key(database, found["_id"], told, OPERATOR, now())
    typer.echo(_described(row or found))


async def _revoke(key: str) -> None:
    async with surroundings(read_settings(), join=True) as ready:
        database = ready.connection.database
        row = await write_key_called(database, key)
        await revoke_write_key(database, row["_id"], OPERATOR, now())
    typer.echo(f"{row['name']} ({row['key']}) is revoked.")


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
        "division": found.division_id or HOME,
        "created": f"{row['createdDate']:%Y-%m-%d %H:%M} UTC",
    }
    if row.get("revokedDate"):
        settings["revoked"] = f"{row['revokedDate']:%Y-%m-%d %H:%M} UTC: it collects nothing"
    return "\n".join([found.key, *(f"  {name:<26}{value}" for name, value in settings.items())])


def _listed(value: str | list[str] | bool) -> object:
    """Return a value as the domain takes it: '' stands for an empty list."""
    return [text for text in value if text.strip()] if isinstance(value, list) else value
