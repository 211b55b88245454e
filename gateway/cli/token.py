"""`journey-gateway token`: who may ask. A token is shown once, when it is made; later only its hash is known."""

import secrets
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.access.tokens import ADMIN, add_token
from gateway.app import now
from gateway.cli.failures import CommandError
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.storage.rows import all_rows

token = typer.Typer(help="Make and list the tokens that GraphQL asks for.", no_args_is_help=True)
MAX_NAME_CHARACTERS = 200


@token.command()
def create(name: Annotated[str, typer.Option(help="Who or what will use it.")]) -> None:
    """Make an admin token and print it, this once."""
    run(_create(name))


@token.command("list")
def list_() -> None:
    """List the tokens by name, role and date; the tokens themselves are not known."""
    run(_list())


async def _create(name: str) -> None:
    drawn = f"jg_{secrets.token_urlsafe(32)}"
    label = name_given(name)
    async with surroundings(read_settings(), join=True) as ready:
        await add_token(ready.connection.database, drawn, label, ADMIN, now())
    typer.echo(drawn)
    typer.echo("Keep it now: it is not shown again.", err=True)


async def _list() -> None:
    async with surroundings(read_settings(), join=True) as ready:
        rows = await all_rows(ready.connection.database, "tokens")
    table = Table("name", "role", "created")
    for row in rows:
        table.add_row(row["name"], row["role"], f"{row['createdDate']:%Y-%m-%d %H:%M} UTC")
    Console().print(table)


def name_given(name: str) -> str:
    """Return the name without the space around it.

    Raises:
        CommandError: it is empty or too long.
    """
    stripped = name.strip()
    if not 1 <= len(stripped) <= MAX_NAME_CHARACTERS:
        raise CommandError(f"--name has {len(stripped)} characters; give it 1 to {MAX_NAME_CHARACTERS}.")
    return stripped
