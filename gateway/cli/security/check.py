"""What a security check is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.cli.security.facts import Facts


class Severity(StrEnum):
    """How bad it is, the worst first."""

    SEVERE = "severe"
    """It hands data to somebody who should not have it, or soon will."""
    WARNING = "warning"
    """A second mistake would make it severe."""
    NOTE = "note"
    """Right on one's own machine, and to be known elsewhere."""


@dataclass(frozen=True, slots=True)
class Check:
    """Looks at the facts and yields what is open, a sentence each; nothing: it is closed."""

    name: str
    severity: Severity
    look: Callable[[Facts], Iterable[str]]
    advice: str
    asks_server: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """Something that is open, and the check that found it."""

    check: Check
    told: str
