"""Tell what is open."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.security.check import Open, Severity
from gateway.cli.security.checks import CHECKS, examined, findings
from gateway.cli.security.facts import Facts

COLOURS = {Severity.SEVERE: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def tell(facts: Facts, console: Console) -> int:
    """Print what is open with advice, and return how much of it is severe."""
    open_ = findings(facts)
    console.print(_table(open_))
    for line in _summary(facts, open_):
        console.print(line, highlight=False)
    return sum(one.check.severity is Severity.SEVERE for one in open_)


def _table(open_: list[Open]) -> Table:
    table = Table("severity", "check", box=None, pad_edge=False)
    table.add_column("what is open, and what to do", overflow="fold")
    for one in open_:
        colour = COLOURS[one.check.severity]
        told = f"{escape(one.told)} [dim]{escape(one.check.advice)}[/dim]"
        table.add_row(f"[{colour}]{one.check.severity}[/{colour}]", one.check.name, told)
    return table


def _summary(facts: Facts, open_: list[Open]) -> Iterator[str]:
    looked = examined(facts)
    closed = len(looked) - len({one.check.name for one in open_})
    yield f"\n{len(looked)} of {len(CHECKS)} checks made, {closed} found nothing open."
    unseen = [check.name for check in CHECKS if check not in looked]
    if unseen:
        yield f"Not examined, as no server answers at {escape(facts.url)}: {', '.join(unseen)}."
