"""The enumerations of the domain, described for GraphQL; fields are annotated with the domain's own classes."""

from collections.abc import Mapping
from enum import Enum

import strawberry

from gateway.access.tokens import TokenState
from gateway.journey.consent import ConsentState
from gateway.journey.contact import ContactType
from gateway.journey.enrichment import EnrichAction, EnrichStatus, FieldRule
from gateway.journey.identifier import IdentifierType
from gateway.journey.identity import ContactKind, EdgeKind, Rule
from gateway.journey.identity_path import StepKind
from gateway.journey.presence import Presence
from gateway.storage.audit_log import AuditAction


def _describe(kind: type[Enum], description: str, values: Mapping[Enum, str], name: str | None = None) -> None:
    strawberry.enum(kind, name=name, description=description)
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # set by the line above
        value.description = values[kind[value.name]]


_describe(
    ContactType,
    "What kind of contact it is, by how it came to be.",
    {
        ContactType.EPHEMERAL: "A visitor nobody knows yet.",
        ContactType.IDENTIFIED: "Recognised by an identifier that was given.",
        ContactType.CURATED: "Kept by hand.",
    },
)
_describe(
    ContactKind,
    "What a contact is to those who look at it.",
    {
        ContactKind.EPHEMERAL: "A visitor nobody knows yet.",
        ContactKind.IDENTIFIED: "Recognised by an identifier that was given.",
        ContactKind.CURATED: "Kept by hand.",
        ContactKind.CANONICAL: "The head of contacts that were merged.",
    },
)
_describe(
    EdgeKind,
    "How two contacts were joined.",
    {
        EdgeKind.LINK: "They were found to be one customer.",
        EdgeKind.MERGE: "They were merged below a new contact.",
    },
    name="IdentityLinkKind",
)
_describe(
    Rule,
    "By what contacts were joined.",
    {
        Rule.IDENTIFIER: "Both have the same identifier, which was claimed.",
        Rule.VERIFIED_IDENTIFIER: "Both have the same identifier, which was proved.",
        Rule.AGENT: "An agent found that they are one customer.",
        Rule.API: "A program asked for it.",
        Rule.ENRICH: "An enrichment found that they are one customer.",
        Rule.IMPORT: "An import found that they are one customer.",
    },
    name="IdentityRule",
)
_describe(
    StepKind,
    "What a step of an identity's path is about.",
    {
        StepKind.CONTACT: "A contact that belongs to the customer.",
        StepKind.IDENTIFIER: "An identifier of one of them.",
        StepKind.SESSION: "A session of one of them.",
    },
    name="IdentityStepKind",
)
_describe(
    ConsentState,
    "Whether the visitor allows to be recorded.",
    {ConsentState.GRANTED: "The visitor has opted in.", ConsentState.DENIED: "The visitor has refused."},
)
_describe(
    Presence,
    "Whether the customer is there, told by the time since the last event.",
    {
        Presence.LIVE: "An event in the last 45 s.",
        Presence.AWAY: "An event in the last 60 s, but none in the last 45 s.",
        Presence.INACTIVE: "No event in the last 60 s.",
    },
)
_describe(
    IdentifierType,
    "By what a customer can be recognised.",
    {
        IdentifierType.COOKIE: "The visitor id that the tag keeps in the browser: anonymousId.",
        IdentifierType.EMAIL: "An e-mail address.",
        IdentifierType.PHONE: "A telephone number.",
        IdentifierType.EXTERNAL_ID: "The id that the site itself gives its customer: userId.",
        IdentifierType.SOCIAL_LINE: "An account at LINE.",
        IdentifierType.SOCIAL_FACEBOOK: "An account at Facebook.",
        IdentifierType.SOCIAL_TWITTER: "An account at X, formerly Twitter.",
        IdentifierType.SOCIAL_WHATSAPP: "An account at WhatsApp.",
        IdentifierType.SOCIAL_INSTAGRAM: "An account at Instagram.",
        IdentifierType.APPLE_OPAQUE_ID: "The id by which Apple Messages for Business names a customer.",
    },
)
_describe(
    AuditAction,
    "What somebody did with contacts, tokens or write keys.",
    {
        AuditAction.LOOKED_AT: "Looked at a contact or its journey; noted once in ten minutes.",
        AuditAction.SEARCHED: "Searched for contacts.",
        AuditAction.CREATED: "Created a contact, a token or a write key.",
        AuditAction.UPDATED: "Changed a contact or a write key.",
        AuditAction.DELETED: "Deleted a contact.",
        AuditAction.MERGED: "Merged contacts.",
        AuditAction.UNMERGED: "Undid a merge.",
        AuditAction.LINKED: "Linked a session to a contact.",
        AuditAction.UNLINKED: "Undid such a link.",
        AuditAction.ASSIGNED: "Put a customer or a session into external segments.",
        AuditAction.UNASSIGNED: "Took a customer or a session out of external segments.",
        AuditAction.PROMOTED: "Made a contact one that is kept by hand.",
        AuditAction.CLAIMED: "Gave a contact an identifier.",
        AuditAction.RELEASED: "Took an identifier from a contact.",
        AuditAction.ENRICHED: "Added what another system knows of a contact.",
        AuditAction.EXPORTED: "Exported what is held of a contact.",
        AuditAction.ERASED: "Erased a contact and all that is held of it.",
        AuditAction.IMPORTED: "Imported contacts.",
        AuditAction.REVOKED: "Revoked a token or a write key.",
    },
)

_describe(
    TokenState,
    "Whether a token opens anything.",
    {
        TokenState.VALID: "It does.",
        TokenState.EXPIRED: "No more: its time is over.",
        TokenState.REVOKED: "No more: somebody has revoked it.",
    },
)
_describe(
    EnrichAction,
    "What to do with what is told of a customer, once it is known who it is.",
    {
        EnrichAction.MERGE: "Merge all who match into one, then as UPSERT.",
        EnrichAction.UPSERT: "Change the contact of the first that matches; without a match, create one.",
        EnrichAction.UPDATE: "Change the contact of the first that matches; without a match, do nothing.",
        EnrichAction.INSERT: "Create a contact; with a match, do nothing.",
    },
)
_describe(
    EnrichStatus,
    "What became of what was told of a customer.",
    {
        EnrichStatus.CREATED: "A contact was created.",
        EnrichStatus.UPDATED: "A contact was changed.",
        EnrichStatus.MERGED: "Contacts were merged, and what was told is with their canonical contact.",
        EnrichStatus.UNCHANGED: "Nothing was changed: all of it was known, or INSERT has found a match.",
        EnrichStatus.NO_MATCH: "Nobody matches, and nothing was created.",
    },
)
_describe(
    FieldRule,
    "What counts of a field: the first three are for single values, the others for identifiers.",
    {
        FieldRule.ALWAYS_USE_PROVIDED: "What is told, even where that is nothing: then the field is taken away.",
        FieldRule.PREFER_EXISTING: "What is there; what is told only fills a gap.",
        FieldRule.PREFER_PROVIDED: "What is told; what is there stays where nothing is told.",
        FieldRule.REPLACE: "Those that are told take the place of all others of their type.",
        FieldRule.EXTEND: "Those that are told are added.",
        FieldRule.FILL: "Those that are told are added where there is none of their type.",
    },
)

__all__ = [
    "AuditAction",
    "ConsentState",
    "ContactKind",
    "ContactType",
    "EdgeKind",
    "EnrichAction",
    "EnrichStatus",
    "FieldRule",
    "IdentifierType",
    "Presence",
    "Rule",
    "StepKind",
    "TokenState",
]
