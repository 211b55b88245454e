"""What an import counts, and how it is told at the end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic

from gateway.cli.import_batches import RefusedLine
from gateway.journey.ids import derive_id
from gateway.storage.imports import Place

EXAMPLES = 3
"""Refused lines that are shown of each reason."""


@dataclass(slots=True)
class Tally:
    """The counts of one run, over all its files."""

    begun: float = field(default_factory=monotonic)
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, RefusedLine]]] = field(default_factory=lambda: defaultdict(list))
    visitors: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    new_sessions: int = 0

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return monotonic() - self.begun

    @property
    def rate(self) -> float:
        """Events a second, whatever became of them."""
        return self.statuses.total() / max(self.seconds, 0.001)

    def refuse(self, file_name: str, lines: Iterable[RefusedLine]) -> None:
        """Count refused lines, and keep the first of each reason."""
        for line in lines:
            self.statuses["rejected"] += 1
            self.reasons[line.reason] += 1
            if len(self.examples[line.reason]) < EXAMPLES:
                self.examples[line.reason].append((file_name, line))

    def place(self, places: Iterable[Place]) -> None:
        """Count the visitors and sessions of accepted events; a session is new when one of them opened it."""
        for event_id, session_id, contact_id in places:
            self.visitors.add(contact_id)
            self.sessions.add(session_id)
            self.new_sessions += session_id == derive_id("session", event_id)

    def told(self) -> str:
        """Return the counts so far in a few words."""
        rejected = f", {self.statuses['rejected']:,} rejected" if self.statuses["rejected"] else ""
        return f"{self.statuses.total():,} events{rejected} · {self.rate:,.0f}/s"


def report(tally: Tally, stored: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines that tell what a run did; `stored` counts what the database holds now."""
    accepted, duplicate, rejected = (tally.statuses[status] for status in ("accepted", "duplicate", "rejected"))
    yield f"events    {accepted:,} accepted, {duplicate:,} duplicate, {rejected:,} rejected"
    yield f"visitors  {len(tally.visitors):,}"
    yield f"sessions  {len(tally.sessions):,}, of which {tally.new_sessions:,} new"
    yield f"time      {tally.seconds:,.1f} s, {tally.rate:,.0f} events/s"
    yield f"database  {stored['events']:,} events, {stored['contacts']:,} contacts, {stored['sessions']:,} sessions"
    for reason, count in tally.reasons.most_common():
        yield f"rejected  {count:,} {reason}, {'such as' if count > EXAMPLES else 'namely'}"
        for file_name, line in tally.examples[reason]:
            yield f"          {file_name}, line {line.number}: {line.message}"
