"""Why contacts are one customer: the links between them, the path of reasons, and who else it may be."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from gateway.access.permissions import Permission
from gateway.graph.loaders import CanonicalContact, ContactById, SessionById
from gateway.graph.node import to_global_id
from gateway.graph.requires import requires
from gateway.graph.types.enums import ContactKind, EdgeKind, Rule, StepKind
from gateway.graph.words import derived, one, stored

# Contacts refer to these types, and that module imports this one: hence by name.
ContactReference = Annotated["Contact", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821
SessionReference = Annotated["Session", strawberry.lazy("gateway.graph.types.journey")]  # type: ignore[name-defined]  # noqa: F821


@strawberry.type(
    description="What joined two contacts to one customer, or did so until somebody undid it.",
    directives=[requires(Permission.CONTACT_VIEW)],
)
class IdentityLink:
    """An edge."""

    id: strawberry.ID = derived(
        lambda row: to_global_id("IdentityLink", row["_id"]), "The id of this link.", reads=("_id",)
    )
    kind: EdgeKind = stored("kind", "How they were joined.")
    child: ContactReference | None = one(ContactById, "childId", "The contact that was joined to the other.")
    parent: ContactReference | None = one(ContactById, "parentId", "The contact that the other was joined to.")
    rule: Rule = stored("rule", "By what it was made.")
    evidence: JSON = stored("evidence", "On what it rests, such as the type and value of an identifier.", absent={})
    made_by: str = stored("madeBy", "Who made it; gateway, where it followed from an identifier.")
    made_date: datetime = stored("madeDate", "When it was made.")
    merge_id: str | None = stored("mergeId", "The merge that it is part of, which is undone as a whole.")
    undone_by: str | None = stored("undoneBy", "Who undid it; null while it is in force.")
    undone_date: datetime | None = stored("undoneDate", "When it was undone; null while it is in force.")


@strawberry.type(
    description="One reason why something belongs to the customer.", directives=[requires(Permission.CONTACT_VIEW)]
)
class IdentityStep:
    """A step of an identity's path."""

    kind: StepKind = stored("kind", "What it is about.")
    sentence: str = stored("sentence", "The reason in words.")
    contact: ContactReference | None = one(ContactById, "contactId", "The contact that it is about, or that has it.")
    session: SessionReference | None = one(SessionById, "sessionId", "The session that it is about.")
    rule: Rule | None = stored("rule", "By what the contact was joined to another; null for the first.")
    evidence: JSON = stored("evidence", "On what it rests, such as the type and value of an identifier.", absent={})
    made_by: str = stored("madeBy", "Who said so.")
    date: datetime = stored("date", "When.")


@strawberry.type(
    description="A customer that it may be, for a person to decide.", directives=[requires(Permission.CONTACT_VIEW)]
)
class ContactCandidate:
    """A candidate."""

    contact: ContactReference | None = one(ContactById, "contactId", "The contact that has the identifier.")
    canonical_contact: ContactReference | None = one(
        CanonicalContact, "contactId", "The contact that stands for that customer."
    )
    kind: ContactKind = stored("kind", "What that customer is.")
    reasons: list[str] = stored("reasons", "What speaks for it, in sentences.", absent=())
