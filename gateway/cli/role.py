"""`journey-gateway role`: what people and programs may do. The delivered ones stay; yours stand beside them."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.access.own_roles import WantedRole, delete_role, set_role
from gateway.access.permissions import ROLES
from gateway.access.roles import role_rows_told
from gateway.cli.failures import CommandError
from gateway.cli.operator import OPERATOR
from gateway.cli.refused_options import told_by_option
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.storage.database import Row

role = typer.Typer(help="Make, list, change and delete roles: what a token may do.", no_args_is_help=True)
OPTIONS = {name: f"--{name}" for name in ("like", "allow", "deny", "description")} | {"name": "NAME"}
COLUMNS = ("name", "made by", "permissions", "description")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the role.")]


@role.command("list")
def list_() -> None:
    """List the roles, the delivered ones first."""
    table = Table(*COLUMNS)
    for row in run(_rows()):
        maker = "delivered" if row["_id"] in ROLES else "you"
        table.add_row(row["_id"], maker, str(len(row["permissions"])), escape(row.get("description", "")))
    Console().print(table)


@role.command()
def show(name: Name) -> None:
    """Show what a role may do, a permission a line."""
    _tell(run(_called(name)))


@role.command("set")
def set_(
    name: Name,
    like: Annotated[str | None, typer.Option(help="Begin with the permissions of this role.")] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="PERMISSION", help="Give it this one; several times: several.")
    ] = None,
    deny: Annotated[
        list[str] | None, typer.Option(metavar="PERMISSION", help="Take this one away; several times: several.")
    ] = None,
    description: Annotated[str | None, typer.Option(help="Whom it is for; an empty text takes it away.")] = None,
) -> None:
    """Make a role, or change one: what you do not say stays. It holds within two seconds, for all who have it."""
    _tell(run(_set(WantedRole(name, like, allow or (), deny or (), description))))


@role.command()
def delete(name: Name) -> None:
    """Delete a role that no token in force has."""
    run(_delete(name))
    typer.echo(f"The role {name} is deleted.")


async def _rows() -> list[Row]:
    async with surroundings(read_settings(), join=True) as ready:
        return await role_rows_told(ready.connection.database)


async def _called(name: str) -> Row:
    rows = {row["_id"]: row for row in await _rows()}
    if name not in rows:
        raise CommandError(f"There is no role {name!r}: there are {', '.join(rows)}.")
    return rows[name]


async def _set(wanted: WantedRole) -> Row:
    async with surroundings(read_settings(), join=True) as ready:
        with told_by_option(OPTIONS):
            return await set_role(ready.connection.database, wanted, OPERATOR, now())


async def _delete(name: str) -> None:
    settings = read_settings()
    mapped = {role for _, role in settings.oidc_roles or ()}
    async with surroundings(settings, join=True) as ready:
        with told_by_option(OPTIONS):
            row = await delete_role(ready.connection.database, name, OPERATOR, now(), mapped)
    if row is None:
        raise CommandError(f"There is no role {name!r}: `journey-gateway role list` shows those there are.")


def _tell(row: Row) -> None:
    """Print a role: what it is on standard error, its permissions for other programs."""
    typer.echo(": ".join(filter(None, (row["_id"], row.get("description")))), err=True)
    for permission in row["permissions"]:
        typer.echo(permission)
