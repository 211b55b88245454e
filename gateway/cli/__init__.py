"""The command line: one module a command, joined here, and read when the command is called.

Most commands need but a part of the gateway; reading all of it takes longer than what they do.
"""

import sys
from collections.abc import Iterable, Sequence
from pkgutil import resolve_name

import typer

COMMANDS = {
    "serve": "gateway.cli.serve:serve",
    "import": "gateway.cli.import_file:import_calls",
    "replay": "gateway.cli.replay:replay",
    "traffic": "gateway.cli.demo_traffic:traffic",
    "train": "gateway.cli.train:train",
    "score": "gateway.cli.score:score",
    "report": "gateway.cli.report:report",
    "doctor": "gateway.cli.doctor:doctor",
    "schema": "gateway.cli.schema:schema",
    "token": "gateway.cli.token:token",
    "role": "gateway.cli.role:role",
    "write-key": "gateway.cli.write_key:write_key",
    "admin": "gateway.cli.admin:admin",
    "contacts": "gateway.cli.contacts:contacts",
    "documents": "gateway.cli.documents:documents",
    "definitions": "gateway.cli.definitions:definitions",
}
"""Where each command is: a function, or a group of commands."""


def run() -> None:
    """Run the command that the command line names."""
    application(called_in(sys.argv[1:]))()


def application(names: Iterable[str]) -> typer.Typer:
    """Return the application with these commands."""
    app = typer.Typer(
        name="journey-gateway",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_gateway)
    for name in names:
        command = resolve_name(COMMANDS[name])
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def called_in(words: Sequence[str]) -> Iterable[str]:
    """Return the name of the command that these words call; all names, to be listed, where they call none."""
    called = next((word for word in words if not word.startswith("-")), None)
    return [called] if called in COMMANDS else COMMANDS


def _gateway() -> None:
    """A self-hosted GraphQL gateway for customer journeys, with the browser tag that feeds it."""
