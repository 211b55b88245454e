"""How dates are written: ISO-8601, UTC, milliseconds, with a Z."""

from datetime import UTC, datetime

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

YEARS = range(1000, 9000)
"""What is taken: far from the ends of what Python can count, so that whoever adds a while need not look."""


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
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def read(text: object) -> datetime:
    """Return the moment that a client wrote, in UTC; without a zone it is UTC already.

    Raises:
        GraphQLError: it is no moment of ISO-8601, or of a year that nobody means.
    """
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        if moment is not None and moment.year in YEARS:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(f"{text!r} is no moment: write it as a string of ISO-8601, such as 2026-11-22T09:30:00.000Z.")
