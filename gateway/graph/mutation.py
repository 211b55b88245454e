"""The root of mutations, put together: each takes one `input`, and returns a payload that names the thing.

Another kind of thing to change is a module below gateway.graph.mutations, and one more line here.
"""

import strawberry

from gateway.graph.mutations.claims import ClaimMutations
from gateway.graph.mutations.contacts import ContactMutations
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


@strawberry.type(description="What can be changed.")
class Mutation(
    OutcomeMutations,
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
):
    """The root of mutations."""
