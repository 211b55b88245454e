"""How far a long command has come: a bar on a terminal, a line now and then elsewhere; both on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

PLAIN_LINE_EVERY_SECONDS = 10.0


class Meter(Protocol):
    """Whatever shows how far it has come."""

    def show(self, position: int, told: str) -> None:
        """Show a position, in bytes of the file, and a few words beside it."""


@contextmanager
def meter(name: str, size: int | None, console: Console | None = None) -> Iterator[Meter]:
    """Yield a meter for a file of so many bytes, None if nobody knows."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _PlainMeter(console, name, size)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bar(progress, progress.add_task(name, total=size, told=""))


class _Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def show(self, position: int, told: str) -> None:
        self._progress.update(self._task, completed=position, told=told)


class _PlainMeter:
    def __init__(self, console: Console, name: str, size: int | None) -> None:
        self._console, self._name, self._size = console, name, size
        self._due = monotonic() + PLAIN_LINE_EVERY_SECONDS

    def show(self, position: int, told: str) -> None:
        if monotonic() < self._due:
            return
        self._due = monotonic() + PLAIN_LINE_EVERY_SECONDS
        share = f"{position / self._size:.0%} · " if self._size else ""
        self._console.print(f"{self._name}: {share}{told}", markup=False, highlight=False, soft_wrap=True)
