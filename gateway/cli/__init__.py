"""The command line: one module a command, joined here."""

import typer

from gateway.cli.schema import schema
from gateway.cli.serve import serve

COMMANDS = {
    "serve": serve,
    "schema": schema,
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


def run() -> None:
    """Run the command that the command line names."""
    app()
