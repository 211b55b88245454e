"""A run's figures, and the Markdown table that they become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.scale import Scale

HEADINGS = ("what", "measured", "goal", "met", "ratio", "load")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. `met` is None where there is no goal."""

    what: str
    measured: str
    load: str
    goal: str = ""
    met: bool | None = None
    ratio: str = ""


@dataclass
class Bench:
    """One run: its scale, the numbers that later measurements are compared with, and where to say how far it is."""

    scale: Scale
    say: Callable[[str], None]
    numbers: dict[str, float] = field(default_factory=dict)

    def ratio(self, number: float, of: str, name: str) -> str:
        """Return how a number compares with one that was measured before in this run, or nothing if it was not."""
        whole = self.numbers.get(of)
        return f"{number / whole:.2f} of {name}" if whole else ""


def markdown(figures: Sequence[Figure], hardware: Sequence[tuple[str, str]], scale: Scale) -> str:
    """Return the figures as a Markdown page, with the machine that they were measured on."""
    lines = [
        "# Measured",
        "",
        f"`make bench`, {datetime.now(UTC):%Y-%m-%d}, {scale.name} scale. Server, mongod and load share one machine;",
        "measurements run one after the other, each against a server of its own with an empty embedded MongoDB.",
        "Every 200 is durable: majority, journaled. A ratio compares with another figure of the same run.",
        "",
        *_table(HEADINGS, [_cells(figure) for figure in figures]),
        "",
        "## Machine",
        "",
        *_table(("part", "here"), hardware),
    ]
    return "\n".join(lines) + "\n"


def _cells(figure: Figure) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "**no**"}[figure.met]
    return (figure.what, figure.measured, figure.goal, met, figure.ratio, figure.load)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(headings), _row(["---"] * len(headings)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
