"""What an import of contacts counts, where refused contacts go, and how it is told at the end."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO

import msgspec

from gateway.cli.contact_columns import REFUSED_BECAUSE, Columns
from gateway.cli.contact_files import ReadContact
from gateway.journey.enrichment_plan import Enriched

EXAMPLES = 3
"""Contacts that are shown of each kind of trouble."""


@dataclass(slots=True)
class ContactTally:
    """The counts of one import."""

    begun: float = field(default_factory=monotonic)
    statuses: Counter[str] = field(default_factory=Counter)
    matched_by: Counter[str] = field(default_factory=Counter)
    doubtful: list[str] = field(default_factory=list)
    doubts: int = 0
    reasons: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def take(self, contact: ReadContact, result: Enriched) -> None:
        """Count what became of a contact."""
        status = result.status.value.lower()
        self.statuses[status] += 1
        if status != "created":
            self.matched_by[result.matched.type if result.matched else "id"] += 1
        if result.candidates:
            self.doubts += 1
            if len(self.doubtful) < EXAMPLES:
                self.doubtful.append(f"number {contact.number}: {result.candidates[0].reasons[0]}")

    def refuse(self, contact: ReadContact, reason: str) -> None:
        """Count a contact that is refused."""
        self.statuses["refused"] += 1
        self.reasons[reason].append(str(contact.number))

    def told(self) -> str:
        """Return the counts so far in a few words."""
        refused = f", {self.statuses['refused']:,} refused" if self.statuses["refused"] else ""
        rate = self.statuses.total() / max(monotonic() - self.begun, 0.001)
        return f"{self.statuses.total():,} contacts{refused} · {rate:,.0f}/s"

    def report(self, refused_file: Path | None) -> Iterator[str]:
        """Yield the lines that tell what an import did."""
        counts = (
            f"{self.statuses[name]:,} {name}" for name in ("created", "updated", "merged", "unchanged", "refused")
        )
        yield f"contacts  {self.statuses.total():,} read: {', '.join(counts)}"
        if self.matched_by:
            yield f"matched   {', '.join(f'{count:,} by {name}' for name, count in self.matched_by.most_common())}"
        yield f"time      {monotonic() - self.begun:,.1f} s"
        if self.doubts:
            yield f"doubtful  {self.doubts:,} may be other customers as well (--merge would merge them), such as"
            yield from (f"          {line}" for line in self.doubtful)
        for reason, numbers in sorted(self.reasons.items(), key=lambda pair: -len(pair[1]))[:10]:
            more = f" and {len(numbers) - EXAMPLES:,} more" if len(numbers) > EXAMPLES else ""
            yield f"refused   number {', '.join(numbers[:EXAMPLES])}{more}: {reason}"
        if refused_file is not None and self.statuses["refused"]:
            yield f"          {refused_file} has them, each with its reason: mend and import that."


class RefusedFile:
    """The contacts that were refused, as they were read, each with its reason: in a form that can be imported."""

    def __init__(self, path: Path, columns: Columns | None, encoding: str) -> None:
        self.path = path
        self._columns = columns
        self._encoding = encoding.removesuffix("-sig")
        self._file: IO[str] | None = None

    @staticmethod
    def beside(name: Path, columns: Columns | None) -> Path:
        """Return where refused contacts of a file go."""
        return name.with_name(f"{name.name}.refused.{'ndjson' if columns is None else 'csv'}")

    def add(self, contact: ReadContact, reason: str) -> None:
        """Write a contact; the file is made with the first one."""
        file = self._file or self._open()
        if self._columns is None:
            file.write(_line(contact.raw, reason))
        else:
            cells = list(contact.raw) if isinstance(contact.raw, list) else []
            width = len(self._columns.headings)
            csv.writer(file).writerow([*cells[:width], *[""] * (width - len(cells)), reason])

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def _open(self) -> IO[str]:
        self.path.touch(mode=0o600)
        file = self.path.open("w", encoding=self._encoding, errors="surrogateescape", newline="")
        self._file = file
        if self._columns is not None:
            csv.writer(file).writerow([*self._columns.headings, REFUSED_BECAUSE])
        return file


def _line(raw: object, reason: str) -> str:
    shown = dict(raw) if isinstance(raw, Mapping) else {"asItWas": raw}
    return msgspec.json.encode({**shown, REFUSED_BECAUSE: reason}).decode() + "\n"
