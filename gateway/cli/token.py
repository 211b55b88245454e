"""`journey-gateway token`: who may ask. A token is shown once, when it is made; later only its hash is known."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.access.permissions import ROLES
from gateway.access.tokens import ADMIN, NewToken, create_token, revoke_token, state_of
from gateway.cli.failures import CommandError
from gateway.cli.operator import OPERATOR
from gateway.cli.refused_options import told_by_option
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.storage.database import Database, Row
from gateway.storage.rows import all_rows
from gateway.storage.tokens import tokens_called

token = typer.Typer(help="Make, list and revoke the tokens that GraphQL asks for.", no_args_is_help=True)
OPTIONS = {"name": "--name", "role": "--role", "divisionIds": "--division", "expiresInDays": "--expires-in-days"}
COLUMNS = ("name", "role", "divisions", "created", "expires", "last used", "state", "id")


@token.command()
def create(
    name: Annotated[str, typer.Option(help="Who or what will use it.")],
    role: Annotated[
        str, typer.Option(help=f"What it may do: {', '.join(sorted(ROLES))}, or a role of your own.")
    ] = ADMIN,
    division: Annotated[
        list[str] | None,
        typer.Option(help="Id of a division that it sees, `home` for what is of none; several times: several."),
    ] = None,
    expires_in_days: Annotated[int | None, typer.Option(help="Days after which it opens nothing any more.")] = None,
) -> None:
    """Make a token and print it, this once. It sees all divisions, and never expires, unless you say otherwise."""
    run(_create(NewToken(name, role, division or None, expires_in_days)))


@token.command("list")
def list_() -> None:
    """List the tokens with what they open; the tokens themselves are not known."""
    run(_list())


@token.command()
def revoke(called: Annotated[str, typer.Argument(metavar="ID-OR-NAME", help="The token's id, or its name.")]) -> None:
    """Revoke a token, for ever: it opens nothing any more, and live sockets that it has opened are cut."""
    run(_revoke(called))


async def _create(wanted: NewToken) -> None:
    async with surroundings(read_settings(), join=True) as ready:
        with told_by_option(OPTIONS):
            _, made = await create_token(ready.connection.database, wanted, OPERATOR, now())
    typer.echo(made)
    typer.echo("Keep it now: it is not shown again.", err=True)


async def _list() -> None:
    async with surroundings(read_settings(), join=True) as ready:
        rows = await all_rows(ready.connection.database, "tokens")
    table = Table(*COLUMNS)
    at = now()
    for row in rows:
        table.add_row(*map(escape, _described(row, at)))
    Console().print(table)


async def _revoke(called: str) -> None:
    async with surroundings(read_settings(), join=True) as ready:
        database = ready.connection.database
        row = await _token_called(database, called)
        await revoke_token(database, row["_id"], OPERATOR, now())
    typer.echo(f"{row['name']} ({row['_id']}) is revoked.")


async def _token_called(database: Database, called: str) -> Row:
    found = await tokens_called(database, called)
    if not found:
        raise CommandError(f"There is no token {called!r}: `journey-gateway token list` shows those there are.")
    if len(found) > 1:
        ids = ", ".join(row["_id"] for row in found)
        raise CommandError(f"{len(found)} tokens are called {called!r}: give the id, one of {ids}.")
    return found[0]


def _described(row: Row, at: datetime) -> tuple[str, ...]:
    divisions = row.get("divisionIds")
    dates = (row["createdDate"], row.get("expiresDate"), row.get("lastUsedDate"))
    told = (f"{date:%Y-%m-%d %H:%M} UTC" if date else "never" for date in dates)
    seen = "all" if divisions is None else ", ".join(divisions)
    return (row["name"], row["role"], seen, *told, state_of(row, at).name.lower(), row["_id"])
