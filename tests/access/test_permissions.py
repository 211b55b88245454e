import pytest

from gateway.access.permissions import ROLES, Permission, permissions_of_roles

OF_THE_OLD_PRODUCT = {
    "journey:event:view",
    "journey:eventType:view",
    "journey:session:view",
    "journey:outcome:view",
    "journey:outcomeScores:view",
    "journey:segment:view",
    "externalContacts:session:view",
    "routing:wrapupCode:view",
    "routing:queue:search",
    "conversation:associate",
    "analytics:agentConversationDetail:view",
    "analytics:conversationDetail:view",
    "externalContacts:conversation:viewAll",
    "externalContacts:contact:add",
    "externalContacts:contact:view",
    "externalContacts:contact:edit",
    "externalContacts:contact:delete",
    "externalContacts:identity:promote",
    "externalContacts:identity:merge",
}


def test_permissions_have_the_names_of_the_old_product() -> None:
    assert {permission.value for permission in Permission} >= OF_THE_OLD_PRODUCT


def test_the_delivered_roles_are_agent_supervisor_admin_and_analyst() -> None:
    assert set(ROLES) == {"agent", "supervisor", "admin", "analyst"}


def test_an_admin_may_do_everything() -> None:
    assert ROLES["admin"] == set(Permission)


def test_a_supervisor_may_do_what_an_agent_may_and_more() -> None:
    assert ROLES["agent"] < ROLES["supervisor"]
    assert {
        Permission.IDENTITY_MERGE,
        Permission.CONTACT_DELETE,
        Permission.AUDIT_LOG_VIEW,
        Permission.CONVERSATION_DETAIL_VIEW,
    } <= ROLES["supervisor"] - ROLES["agent"]


@pytest.mark.parametrize("role", ["agent", "supervisor", "analyst"])
@pytest.mark.parametrize("domain", ["authorization:token:", "journey:writeKey:", "externalContacts:contact:erase"])
def test_only_an_admin_makes_keys_or_erases_people(role: str, domain: str) -> None:
    assert not [permission for permission in ROLES[role] if permission.startswith(domain)]


def test_an_analyst_sees_journeys_but_nobodys_contact() -> None:
    assert Permission.SESSION_VIEW in ROLES["analyst"]
    closed = ("externalContacts:", "conversation:", "routing:", "analytics:", "audit:")
    assert not [permission for permission in ROLES["analyst"] if permission.startswith(closed)]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        pytest.param(["agent", "analyst"], ROLES["agent"] | ROLES["analyst"], id="several roles are added up"),
        pytest.param(["agent"], ROLES["agent"], id="one role"),
        pytest.param([], frozenset(), id="no role may do nothing"),
        pytest.param(["root", "Admin", ""], frozenset(), id="an unknown role may do nothing"),
    ],
)
def test_roles_together_may_do_what_one_of_them_may(roles: list[str], expected: frozenset[Permission]) -> None:
    assert permissions_of_roles(roles) == expected
