"""Who asks, as he sees himself."""

from datetime import datetime

import strawberry

from gateway.access.viewer import Viewer as DomainViewer
from gateway.graph.cost_directives import size
from gateway.graph.requires import PUBLIC
from gateway.graph.types.division import Division
from gateway.graph.types.token import divisions_seen
from gateway.graph.words import Info


@strawberry.type(description="Who asks.", directives=[PUBLIC])
class Viewer:
    """The holder of the token."""

    name: str = strawberry.field(description="The name of the token.")
    role: str = strawberry.field(description="The role it gives; several are separated by commas.")
    permissions: list[str] = strawberry.field(description="What it may do or see, such as journey:session:view.")
    expires_date: datetime | None = strawberry.field(description="When it stops opening anything; null: never.")
    seen: strawberry.Private[frozenset[str] | None]

    @strawberry.field(description="The divisions that it sees; null: all.", directives=[size(10)])
    async def divisions(self, info: Info) -> list[Division] | None:
        """Return the divisions of the token."""
        return None if self.seen is None else await divisions_seen(info, self.seen)  # type: ignore[return-value]  # a value of this schema is a mapping


def viewer_from(viewer: DomainViewer) -> Viewer:
    """Return somebody as he sees himself."""
    return Viewer(
        name=viewer.name,
        role=viewer.role,
        permissions=sorted(viewer.permissions),
        expires_date=viewer.expires_date,
        seen=viewer.divisions,
    )
