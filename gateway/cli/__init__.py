"""The command line: one module a command, joined here."""

from collections.abc import Callable

import typer

from gateway.cli.admin import admin
from gateway.cli.contacts import contacts
from gateway.cli.definitions import definitions
from gateway.cli.demo_traffic import traffic
from gateway.cli.doctor import doctor
from gateway.cli.documents import documents
from gateway.cli.import_file import import_calls
from gateway.cli.replay import replay
from gateway.cli.schema import schema
from gateway.cli.score import score
from gateway.cli.serve import serve
from gateway.cli.token import token
from gateway.cli.train import train
from gateway.cli.write_key import write_key

COMMANDS: dict[str, Callable[..., None]] = {
    "serve": serve,
    "import": import_calls,
    "replay": replay,
    "traffic": traffic,
    "train": train,
    "score": score,
    "doctor": doctor,
    "schema": schema,
}
GROUPS: dict[str, typer.Typer] = {
    "token": token,
    "write-key": write_key,
    "admin": admin,
    "contacts": contacts,
    "documents": documents,
    "definitions": definitions,
}

app = typer.Typer(
    name="journey-gateway",
    help="A self-hosted GraphQL gateway for customer journeys, with the browser tag that feeds it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def run() -> None:
    """Run the command that the command line names."""
    app()
