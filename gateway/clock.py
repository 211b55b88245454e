"""The clock of the process; everything below the roots is told the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time as it is stored: UTC, in whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
