"""What mongod says: its reason when it fails, and a log that does not grow without end."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

LARGEST_LOG = 16 * 1024 * 1024
TAIL = 64 * 1024
NO_REASON = "it gave no reason"


def size_of(log: Path) -> int:
    """Return the length of the log in bytes, 0 when there is none."""
    return log.stat().st_size if log.exists() else 0


def rotate(log: Path) -> bool:
    """Put a long log aside as `.1`, in place of the one before, and tell whether that was done."""
    if size_of(log) < LARGEST_LOG:
        return False
    log.replace(log.with_name(f"{log.name}.1"))
    return True


def reason(log: Path, start: int) -> str:
    """Return in one line why mongod failed, from what it wrote after byte `start`.

    The first error or fatal entry says it best. Mongod writes plain text for what happens before its log is open,
    such as an option it does not know or a library that is missing.
    """
    lines = _lines(log, start)
    entries = [entry for entry in map(_entry, lines) if entry is not None]
    texts = [line for line in lines if _entry(line) is None]
    serious = (entry for entry in entries if entry.get("s") in {"E", "F"})
    return next((_sentence(entry) for entry in serious), None) or next(iter(texts), NO_REASON)


def _lines(log: Path, start: int) -> list[str]:
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(start, size_of(log) - TAIL))
        return [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]


def _entry(line: str) -> Mapping[str, object] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _sentence(entry: Mapping[str, object]) -> str:
    details = [str(entry.get("msg"))]
    details += _details(entry.get("attr"))
    return " ".join(": ".join(details).split())


def _details(attributes: object) -> Iterator[str]:
    for name in ("error", "message", "msg", "reason"):
        if isinstance(attributes, dict) and name in attributes:
            detail = attributes[name]
            yield str(detail.get("msg", detail)) if isinstance(detail, dict) else str(detail)
