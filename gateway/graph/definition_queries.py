"""What the site has defined: outcomes and segments, among the roots of what can be asked."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.cost_directives import size
from gateway.graph.requires import requires
from gateway.graph.types.outcome import Outcome
from gateway.graph.types.segment import Segment
from gateway.graph.words import Info
from gateway.storage.definitions import outcome_rows, segment_rows

NamePart = Annotated[
    str | None, strawberry.argument(description="Only those whose name or description contains this, in any case.")
]


@strawberry.type(description="What can be asked of definitions.")
class DefinitionQueries:
    """Roots about definitions. A value of every type is the stored document: hence the ignored return types."""

    @strawberry.field(
        description="The outcomes that are defined, the oldest first.",
        directives=[requires(Permission.OUTCOME_VIEW), size(20)],
    )
    async def outcomes(self, info: Info) -> list[Outcome]:
        """Return every outcome."""
        return await outcome_rows(info.context.database)  # type: ignore[return-value]

    @strawberry.field(
        description="The segments that are defined, the oldest first.",
        directives=[requires(Permission.SEGMENT_VIEW), size(100)],
    )
    async def segments(self, info: Info, search: NamePart = None) -> list[Segment]:
        """Return every segment, or those that a text is found in."""
        rows = await segment_rows(info.context.database)
        wanted = (search or "").strip().casefold()
        return [row for row in rows if wanted in _text_of(row)]  # type: ignore[misc]


def _text_of(row: dict[str, object]) -> str:
    return f"{row['displayName']} {row.get('description', '')}".casefold()
