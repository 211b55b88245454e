"""How a command fails: one clear line on standard error, exit code 1, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from gateway.prediction.errors import PredictionError
from gateway.settings import SettingsError
from gateway.storage.errors import StorageError


class CommandError(Exception):
    """Raised by a command that cannot do what it was asked for; its text says why and what to do."""


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn the failures that users can do something about into a line and exit code 1."""
    try:
        yield
    except (SettingsError, StorageError, PredictionError, CommandError) as error:
        typer.echo(f"journey-gateway: {error}", err=True)
        raise typer.Exit(1) from None
