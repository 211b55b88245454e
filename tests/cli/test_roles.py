"""`journey-gateway role`: what people and programs may do."""

import pytest

from gateway.access.permissions import ROLES, Permission
from gateway.access.roles import roles_there
from tests.cli.workplace import Ended, Workplace
from tests.running_server import free_port

SWITCHED_OFF = ("--deny", "externalContacts:conversation:viewAll", "--deny", "externalContacts:session:view")


def told_in_one_line(told: Ended, words: str) -> bool:
    return (told.code, told.errors.count("\n")) == (1, 1) and told.errors.startswith(f"journey-gateway: {words}")


async def test_a_role_like_another_is_made_changed_shown_and_deleted(workplace: Workplace) -> None:
    made = await workplace.run("role", "set", "desk", "--like", "agent", *SWITCHED_OFF, "--description", "[Serves].")
    less = ROLES["agent"] - {Permission.CONTACT_CONVERSATION_VIEW_ALL, Permission.CONTACT_SESSION_VIEW}
    assert (made.code, made.errors) == (0, "desk: [Serves].\n")
    assert made.output.splitlines() == sorted(less)
    assert (await roles_there(workplace.connection.database))["desk"] == less
    changed = await workplace.run("role", "set", "desk", "--allow", "audit:log:view")
    assert changed.output.splitlines() == sorted(less | {Permission.AUDIT_LOG_VIEW})
    assert (await workplace.run("role", "show", "desk")).output == changed.output
    listed = await workplace.run("role", "list")
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in listed.output.splitlines() if "│" in line]
    assert [line[:2] for line in lines] == [*([role, "delivered"] for role in ROLES), ["desk", "you"]]
    assert lines[-1][2:] == [str(len(less) + 1), "[Serves]."]
    deleted = await workplace.run("role", "delete", "desk")
    assert (deleted.code, deleted.output) == (0, "The role desk is deleted.\n"), deleted.errors
    assert dict(await roles_there(workplace.connection.database)) == dict(ROLES)
    entries = await workplace.connection.database["auditLog"].find().sort("date").to_list()
    assert [(entry["actor"], entry["action"]) for entry in entries] == [
        ("command line", action) for action in ("CREATED", "UPDATED", "DELETED")
    ]


async def test_a_role_is_given_to_a_token_and_stays_as_long_as_that_is_in_force(workplace: Workplace) -> None:
    await workplace.run("role", "set", "desk", "--like", "agent")
    made = await workplace.run("token", "create", "--name", "Bob", "--role", "desk")
    assert made.code == 0, made.errors
    refused = await workplace.run("role", "delete", "desk")
    assert told_in_one_line(refused, "The role 'desk' is in use by the token 'Bob': revoke it first.")
    await workplace.run("token", "revoke", "Bob")
    assert (await workplace.run("role", "delete", "desk")).code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ["set", "agent", *SWITCHED_OFF], "NAME is 'agent': give the name of a role of your own", id="agent"
        ),
        pytest.param(["set", "Desk", "--like", "agent"], "NAME is 'Desk': give 1 to 63 small letters", id="capitals"),
        pytest.param(["set", "desk"], "--like is None: give the name of a role", id="nothing"),
        pytest.param(["set", "desk", "--like", "boss"], "--like is 'boss': give one of admin, agent", id="no role"),
        pytest.param(
            ["set", "desk", "--allow", "journey:event:see"],
            "--allow is 'journey:event:see': give the name of a permission, such as journey:event:view",
            id="no permission",
        ),
        pytest.param(["set", "desk", "--like", "agent", "--deny", "x"], "--deny is 'x'", id="no permission, denied"),
        pytest.param(["show", "desk"], "There is no role 'desk': there are agent, supervisor", id="shown"),
        pytest.param(["delete", "desk"], "There is no role 'desk'", id="deleted"),
        pytest.param(["delete", "admin"], "NAME is 'admin': give the name of a role of your own", id="admin"),
    ],
)
async def test_what_cannot_be_done_is_told_in_one_line(workplace: Workplace, arguments: list[str], words: str) -> None:
    told = await workplace.run("role", *arguments)
    assert told_in_one_line(told, words), told.errors
    assert await workplace.connection.database["roles"].count_documents({}) == 0


async def test_the_server_does_not_start_with_a_role_in_its_settings_that_is_not_there(workplace: Workplace) -> None:
    told = {**workplace.settings, "JOURNEY_OIDC_ROLES": "ops=admin,support=desk", "JOURNEY_PORT": free_port()}
    mapped = Workplace(told, workplace.connection, workplace.data_dir)
    refused = await mapped.run("serve")
    names = "'desk', but the roles that there are: admin, agent, analyst, supervisor; make a role of your own"
    assert told_in_one_line(refused, f"JOURNEY_OIDC_ROLES names {names}"), refused.errors
    await mapped.run("role", "set", "desk", "--like", "agent")
    kept = await mapped.run("role", "delete", "desk")
    assert told_in_one_line(kept, "The role 'desk' is in use by JOURNEY_OIDC_ROLES: take it out there first.")
