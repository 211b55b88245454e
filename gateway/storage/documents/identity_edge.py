"""Collection `identityEdges`: what joins contacts to one customer, who made it and why; also what was undone.

An edge is never deleted while one of its contacts is there: whoever undid it, and when, is written into it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from gateway.journey.identity import Edge, EdgeKind, Rule
from gateway.storage.database import Row
from gateway.storage.documents.shape import Stored, without_gaps

IN_FORCE: Row = {"undoneDate": None}
"""The condition that nobody has undone an edge."""


class IdentityEdgeDocument(Stored):
    """A stored edge: the tree of `child_id`, then a root, below the contact `parent_id`."""

    kind: str
    child_id: str
    parent_id: str
    rule: str
    evidence: dict[str, str] = {}
    made_by: str
    made_date: datetime
    merge_id: str | None = None
    undone_by: str | None = None
    undone_date: datetime | None = None

    class Settings:
        """Collection and indexes."""

        name = "identityEdges"
        indexes: ClassVar = [
            IndexModel([("childId", ASCENDING), ("madeDate", ASCENDING)], name="child"),
            IndexModel([("parentId", ASCENDING)], name="parent"),
            # No transaction can put a contact below two others, whatever it has read before.
            IndexModel([("childId", ASCENDING)], name="one_parent", unique=True, partialFilterExpression=IN_FORCE),
            IndexModel([("mergeId", ASCENDING)], name="merge", partialFilterExpression={"mergeId": {"$exists": True}}),
        ]


def edge_row(edge: Edge) -> Row:
    """Return the edge as it is stored."""
    return without_gaps(
        (
            ("_id", edge.id),
            ("kind", edge.kind.value),
            ("childId", edge.child_id),
            ("parentId", edge.parent_id),
            ("rule", edge.rule.value),
            ("evidence", dict(edge.evidence)),
            ("madeBy", edge.made_by),
            ("madeDate", edge.made_date),
            ("mergeId", edge.merge_id),
            ("undoneBy", edge.undone_by),
            ("undoneDate", edge.undone_date),
        )
    )


def edge_from(row: Mapping[str, Any]) -> Edge:
    """Return the edge that is stored so."""
    return Edge(
        id=row["_id"],
        kind=EdgeKind(row["kind"]),
        child_id=row["childId"],
        parent_id=row["parentId"],
        rule=Rule(row["rule"]),
        evidence=row.get("evidence", {}),
        made_by=row["madeBy"],
        made_date=row["madeDate"],
        merge_id=row.get("mergeId"),
        undone_by=row.get("undoneBy"),
        undone_date=row.get("undoneDate"),
    )
