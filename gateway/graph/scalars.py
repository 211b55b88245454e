"""How dates are written: ISO-8601, UTC, milliseconds, with a Z."""

from datetime import UTC, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition


def date_time() -> ScalarDefinition:
    """Return the definition of the scalar `DateTime`."""
    return strawberry.scalar(
        name="DateTime",
        description="A moment in ISO-8601, always UTC, to the millisecond: 2026-11-22T09:30:00.000Z.",
        serialize=written,
        parse_value=read,
    )


def written(moment: datetime) -> str:
    """Return the moment as clients read it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def read(text: str) -> datetime:
    """Return the moment that a client wrote; without a zone it is UTC.

    Raises:
        ValueError: it is no moment of ISO-8601.
    """
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no moment: write it as a string of ISO-8601.")  # noqa: TRY004 - graphql-core reports ValueError to the client
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
