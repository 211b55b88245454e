"""`python -m benchmarks`: run the measurements one after the other, and write their figures as Markdown."""

import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from benchmarks.contact_search import measure_contact_search
from benchmarks.door import measure_door
from benchmarks.fan_out import measure_fan_out
from benchmarks.figures import Bench, Figure, markdown
from benchmarks.growth import measure_growth
from benchmarks.hostile import measure_hostile
from benchmarks.identify_race import measure_identify_race
from benchmarks.intake import measure_bare_http, measure_batches, measure_identify, measure_single_events
from benchmarks.journey_of_merge_set import measure_journey_of_merge_set
from benchmarks.latency import measure_latency
from benchmarks.machine import hardware
from benchmarks.memory import measure_memory
from benchmarks.mongod_alone import measure_mongod_alone
from benchmarks.one_by_one import measure_one_by_one
from benchmarks.outcomes import measure_outcomes
from benchmarks.people_matching import measure_people_matching
from benchmarks.preview import measure_preview
from benchmarks.scale import FULL, QUICK
from benchmarks.segments import measure_segments
from benchmarks.timers import measure_timers

MEASUREMENTS: Mapping[str, Callable[[Bench], list[Figure]]] = {
    "bare-http": measure_bare_http,
    "single": measure_single_events,
    "identify": measure_identify,
    "batches": measure_batches,
    "mongod-alone": measure_mongod_alone,
    "latency": measure_latency,
    "one-by-one": measure_one_by_one,
    "fan-out": measure_fan_out,
    "timers": measure_timers,
    "segments": measure_segments,
    "outcomes": measure_outcomes,
    "memory": measure_memory,
    "growth": measure_growth,
    "identify-race": measure_identify_race,
    "people-matching": measure_people_matching,
    "contact-search": measure_contact_search,
    "journey-of-merge-set": measure_journey_of_merge_set,
    "door": measure_door,
    "hostile": measure_hostile,
    "preview": measure_preview,
}
"""Every measurement, in the order in which they run; what a ratio refers to comes first."""

SOCKETS = 4_096
"""Files that one process may have open."""

console = Console(stderr=True)


def main(
    output: Annotated[Path | None, typer.Option(help="Write the Markdown here, not to standard output.")] = None,
    only: Annotated[list[str] | None, typer.Option(help=f"Only this one: {', '.join(MEASUREMENTS)}.")] = None,
    quick: Annotated[bool, typer.Option(help="See whether everything runs; the figures mean little.")] = False,
) -> None:
    """Measure journey-gateway on this machine."""
    if unknown := set(only or ()) - MEASUREMENTS.keys():
        raise typer.BadParameter(f"{', '.join(unknown)}: choose of {', '.join(MEASUREMENTS)}", param_hint="--only")
    for number in (signal.SIGINT, signal.SIGTERM):  # the processes of a measurement end first
        signal.signal(number, signal.default_int_handler)
    _allow_many_sockets()
    figures: list[Figure] = []
    failed = False
    with _progress() as say:
        bench = Bench(QUICK if quick else FULL, say)
        for name in only or MEASUREMENTS:
            failed |= not _measure(name, bench, figures)
    page = markdown(figures, hardware(), bench.scale)
    if output is None:
        print(page, end="")
    else:
        output.write_text(page)
        console.print(f"Written to {output}.", highlight=False)
    raise typer.Exit(int(failed))


def _measure(name: str, bench: Bench, figures: list[Figure]) -> bool:
    """Take one measurement, tell its figures, and whether it could be taken."""
    begun = time.monotonic()
    bench.say(name)
    try:
        rows = MEASUREMENTS[name](bench)
    except Exception as error:  # noqa: BLE001 - whatever it is, the figures of the others are worth having
        console.print(f"[red]{name} failed[/]: {escape(repr(error))}", highlight=False)
        figures.append(Figure(name, "could not be measured", "", met=False))
        return False
    for row in rows:
        colour = {None: "default", True: "green", False: "red"}[row.met]
        told = " · ".join(part for part in (row.measured, row.ratio, row.goal and f"goal {row.goal}") if part)
        console.print(f"[bold]{escape(row.what)}[/]: [{colour}]{escape(told)}[/]", highlight=False, soft_wrap=True)
    console.print(f"[dim]{name}: {time.monotonic() - begun:.0f} s[/]", highlight=False)
    figures += rows
    return True


def _allow_many_sockets() -> None:
    """Let this process and all that it starts open a socket a subscriber, where the usual limit is 1,024 or 256."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < SOCKETS:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (SOCKETS if hard == resource.RLIM_INFINITY else min(SOCKETS, hard), hard)
        )


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Yield a way to say what is going on: a line that moves on a terminal, one line each elsewhere."""
    if not console.is_terminal:
        yield lambda text: console.print(f"... {escape(text)}", highlight=False, style="dim")
        return
    with console.status("") as status:
        yield lambda text: status.update(escape(text))


if __name__ == "__main__":
    typer.run(main)
