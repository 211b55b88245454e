"""The root of mutations, put together: each takes one `input`, and returns a payload that names the thing.

Another kind of thing to change is a module below gateway.graph.mutations, and one more line here.
"""

import strawberry
from strawberry.types import get_object_definition

from gateway.graph.cost_directives import weight
from gateway.graph.mutations.claims import ClaimMutations
from gateway.graph.mutations.contacts import ContactMutations
from gateway.graph.mutations.divisions import DivisionMutations
from gateway.graph.mutations.enrichment import EnrichmentMutations
from gateway.graph.mutations.external_sources import ExternalSourceMutations
from gateway.graph.mutations.links import LinkMutations
from gateway.graph.mutations.merges import MergeMutations
from gateway.graph.mutations.notes import NoteMutations
from gateway.graph.mutations.organizations import OrganizationMutations
from gateway.graph.mutations.outcomes import OutcomeMutations
from gateway.graph.mutations.privacy import PrivacyMutations
from gateway.graph.mutations.rejected_events import RejectedEventMutations
from gateway.graph.mutations.relationships import RelationshipMutations
from gateway.graph.mutations.roles import RoleMutations
from gateway.graph.mutations.segment_assignments import SegmentAssignmentMutations
from gateway.graph.mutations.segments import SegmentMutations
from gateway.graph.mutations.tokens import TokenMutations
from gateway.graph.mutations.write_keys import WriteKeyMutations


@strawberry.type(description="What can be changed.")
class Mutation(
    OutcomeMutations,
    SegmentMutations,
    SegmentAssignmentMutations,
    RejectedEventMutations,
    PrivacyMutations,
    ContactMutations,
    EnrichmentMutations,
    MergeMutations,
    LinkMutations,
    ClaimMutations,
    OrganizationMutations,
    RelationshipMutations,
    NoteMutations,
    ExternalSourceMutations,
    TokenMutations,
    RoleMutations,
    WriteKeyMutations,
    DivisionMutations,
):
    """The root of mutations."""


MUTATION = weight(10)
"""What each mutation costs before what it returns: it reads, writes durably and is noted, where a query only reads."""

for field in get_object_definition(Mutation, strict=True).fields:
    field.directives = [*(field.directives or ()), MUTATION]
