"""Permissions, by the names of the old product where it has one, and the roles that are made of them.

A permission is domain:entity:action. docs/permissions.md shows what each opens, and who has it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """What somebody may do, or see."""

    # journeys
    EVENT_VIEW = "journey:event:view"
    EVENT_TYPE_VIEW = "journey:eventType:view"
    SESSION_VIEW = "journey:session:view"
    OUTCOME_VIEW = "journey:outcome:view"
    OUTCOME_ADD = "journey:outcome:add"
    OUTCOME_EDIT = "journey:outcome:edit"
    OUTCOME_DELETE = "journey:outcome:delete"
    OUTCOME_SCORES_VIEW = "journey:outcomeScores:view"
    SEGMENT_VIEW = "journey:segment:view"
    SEGMENT_ADD = "journey:segment:add"
    SEGMENT_EDIT = "journey:segment:edit"
    SEGMENT_DELETE = "journey:segment:delete"
    REJECTED_EVENT_VIEW = "journey:rejectedEvent:view"
    REJECTED_EVENT_REPLAY = "journey:rejectedEvent:replay"
    WRITE_KEY_VIEW = "journey:writeKey:view"
    WRITE_KEY_ADD = "journey:writeKey:add"
    WRITE_KEY_EDIT = "journey:writeKey:edit"
    WRITE_KEY_DELETE = "journey:writeKey:delete"

    # contacts, and what belongs to them
    CONTACT_VIEW = "externalContacts:contact:view"
    CONTACT_ADD = "externalContacts:contact:add"
    CONTACT_EDIT = "externalContacts:contact:edit"
    CONTACT_DELETE = "externalContacts:contact:delete"
    CONTACT_EXPORT = "externalContacts:contact:export"
    CONTACT_ERASE = "externalContacts:contact:erase"
    CONTACT_SESSION_VIEW = "externalContacts:session:view"
    CONTACT_CONVERSATION_VIEW_ALL = "externalContacts:conversation:viewAll"
    SEGMENT_ASSIGNMENT_ADD = "externalContacts:segmentAssignment:add"
    SEGMENT_ASSIGNMENT_DELETE = "externalContacts:segmentAssignment:delete"
    IDENTITY_PROMOTE = "externalContacts:identity:promote"
    IDENTITY_MERGE = "externalContacts:identity:merge"
    ORGANIZATION_VIEW = "externalContacts:externalOrganization:view"
    ORGANIZATION_ADD = "externalContacts:externalOrganization:add"
    ORGANIZATION_EDIT = "externalContacts:externalOrganization:edit"
    ORGANIZATION_DELETE = "externalContacts:externalOrganization:delete"
    RELATIONSHIP_VIEW = "externalContacts:relationship:view"
    RELATIONSHIP_ADD = "externalContacts:relationship:add"
    RELATIONSHIP_EDIT = "externalContacts:relationship:edit"
    RELATIONSHIP_DELETE = "externalContacts:relationship:delete"
    NOTE_VIEW = "externalContacts:note:view"
    NOTE_ADD = "externalContacts:note:add"
    NOTE_EDIT = "externalContacts:note:edit"
    NOTE_DELETE = "externalContacts:note:delete"
    EXTERNAL_SOURCE_VIEW = "externalContacts:externalSource:view"
    EXTERNAL_SOURCE_ADD = "externalContacts:externalSource:add"
    EXTERNAL_SOURCE_EDIT = "externalContacts:externalSource:edit"
    EXTERNAL_SOURCE_DELETE = "externalContacts:externalSource:delete"

    # conversations
    CONVERSATION_ASSOCIATE = "conversation:associate"
    AGENT_CONVERSATION_DETAIL_VIEW = "analytics:agentConversationDetail:view"
    CONVERSATION_DETAIL_VIEW = "analytics:conversationDetail:view"
    WRAPUP_CODE_VIEW = "routing:wrapupCode:view"
    QUEUE_SEARCH = "routing:queue:search"

    # the gateway itself
    AUDIT_LOG_VIEW = "audit:log:view"
    TOKEN_VIEW = "authorization:token:view"  # noqa: S105 - a name, no secret
    TOKEN_ADD = "authorization:token:add"  # noqa: S105 - a name, no secret
    TOKEN_DELETE = "authorization:token:delete"  # noqa: S105 - a name, no secret
    ROLE_VIEW = "authorization:role:view"
    ROLE_EDIT = "authorization:role:edit"
    ROLE_DELETE = "authorization:role:delete"
    DIVISION_VIEW = "authorization:division:view"
    DIVISION_ADD = "authorization:division:add"
    DIVISION_EDIT = "authorization:division:edit"
    DIVISION_DELETE = "authorization:division:delete"
    SCHEMA_INTROSPECT = "graphql:schema:introspect"
    GRAPHIQL_USE = "graphql:graphiql:use"


_JOURNEYS = frozenset(
    {
        Permission.EVENT_VIEW,
        Permission.EVENT_TYPE_VIEW,
        Permission.SESSION_VIEW,
        Permission.OUTCOME_VIEW,
        Permission.OUTCOME_SCORES_VIEW,
        Permission.SEGMENT_VIEW,
        Permission.DIVISION_VIEW,
    }
)
_AGENT = _JOURNEYS | {
    Permission.CONTACT_VIEW,
    Permission.CONTACT_ADD,
    Permission.CONTACT_EDIT,
    Permission.CONTACT_SESSION_VIEW,
    Permission.CONTACT_CONVERSATION_VIEW_ALL,
    Permission.IDENTITY_PROMOTE,
    Permission.ORGANIZATION_VIEW,
    Permission.RELATIONSHIP_VIEW,
    Permission.NOTE_VIEW,
    Permission.NOTE_ADD,
    Permission.NOTE_EDIT,
    Permission.EXTERNAL_SOURCE_VIEW,
    Permission.CONVERSATION_ASSOCIATE,
    Permission.AGENT_CONVERSATION_DETAIL_VIEW,
    Permission.WRAPUP_CODE_VIEW,
    Permission.QUEUE_SEARCH,
}
_SUPERVISOR = _AGENT | {
    Permission.CONTACT_DELETE,
    Permission.SEGMENT_ASSIGNMENT_ADD,
    Permission.SEGMENT_ASSIGNMENT_DELETE,
    Permission.IDENTITY_MERGE,
    Permission.ORGANIZATION_ADD,
    Permission.ORGANIZATION_EDIT,
    Permission.ORGANIZATION_DELETE,
    Permission.RELATIONSHIP_ADD,
    Permission.RELATIONSHIP_EDIT,
    Permission.RELATIONSHIP_DELETE,
    Permission.NOTE_DELETE,
    Permission.CONVERSATION_DETAIL_VIEW,
    Permission.AUDIT_LOG_VIEW,
}
_ANALYST = _JOURNEYS | {
    Permission.OUTCOME_ADD,
    Permission.OUTCOME_EDIT,
    Permission.OUTCOME_DELETE,
    Permission.SEGMENT_ADD,
    Permission.SEGMENT_EDIT,
    Permission.SEGMENT_DELETE,
    Permission.SCHEMA_INTROSPECT,
    Permission.GRAPHIQL_USE,
}

ROLES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "agent": _AGENT,
        "supervisor": _SUPERVISOR,
        "analyst": _ANALYST,
        "admin": frozenset(Permission),
    }
)
"""The roles that are delivered: agents serve customers, supervisors tidy up and look after them, analysts define
outcomes and segments and see journeys but nobody's contact, admins may do everything. Nobody can change them; operators
make roles of their own beside them: see gateway.access.roles."""
RolesByName = Mapping[str, frozenset[Permission]]
"""Roles with their permissions, the delivered ones first."""


def permissions_of_roles(names: Iterable[str], roles: RolesByName = ROLES) -> frozenset[Permission]:
    """Return what these roles together may do. A role that is not there may do nothing."""
    return frozenset().union(*(roles.get(name, frozenset()) for name in names))
