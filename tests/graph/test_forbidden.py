"""What of a document somebody may not see is known before it is executed."""

import pytest
import strawberry
from graphql import GraphQLSchema, parse, validate

from gateway.access.permissions import ROLES, Permission
from gateway.access.viewer import Viewer
from gateway.graph.errors import Forbidden
from gateway.graph.forbidden import demand, demand_of_input, forbidden_fields, guard_of, refuse_as_a_whole
from gateway.graph.requires import requires
from gateway.graph.schema import make_schema

SCHEMA: GraphQLSchema = make_schema()._schema
EVERYTHING = frozenset(Permission)


def forbidden(text: str, *missing: Permission, name: str | None = None) -> dict[str, Permission]:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    found = forbidden_fields(SCHEMA, document, name, EVERYTHING - set(missing))
    return {".".join(place): permission for place, permission in found.items()}


CONTACT, SESSION, EVENT = Permission.CONTACT_VIEW, Permission.SESSION_VIEW, Permission.EVENT_VIEW


@pytest.mark.parametrize(
    ("text", "missing", "expected"),
    [
        pytest.param("{ outcomes { id } }", CONTACT, {}, id="nothing of what is missing is asked for"),
        pytest.param("{ __typename viewer { name } }", CONTACT, {}, id="what everybody may see"),
        pytest.param(
            '{ contact(id: "x") { lastName } }',
            CONTACT,
            {"Query.contact": CONTACT, "Contact.lastName": CONTACT},
            id="a root field, and what it leads to",
        ),
        pytest.param(
            "{ sessions { nodes { shortId contact { id } } } }",
            CONTACT,
            {"Session.contact": CONTACT, "Contact.id": CONTACT},
            id="a field far down",
        ),
        pytest.param(
            "{ sessions { nodes { anybody: contact { anyId: id } } } }",
            CONTACT,
            {"Session.contact": CONTACT, "Contact.id": CONTACT},
            id="aliases hide nothing",
        ),
        pytest.param(
            "{ ...S } fragment S on Query { sessions { nodes { ...C } } } fragment C on Session { customerId }",
            CONTACT,
            {"Session.customerId": CONTACT},
            id="fragments hide nothing",
        ),
        pytest.param(
            "{ sessions { nodes { ... { ... on Session { ipAddress } } } } }",
            CONTACT,
            {"Session.ipAddress": CONTACT},
            id="inline fragments hide nothing, with and without a type",
        ),
        pytest.param(
            "query($no: Boolean = false) { sessions { nodes { customerId @include(if: $no) } } }",
            CONTACT,
            {"Session.customerId": CONTACT},
            id="what is left out counts, as variables are not known",
        ),
        pytest.param(
            '{ node(id: "x") { __typename ... on Contact { lastName } ... on Event { eventName } } }',
            CONTACT,
            {"Contact.lastName": CONTACT},
            id="through node, only of the type in question",
        ),
        pytest.param('{ node(id: "x") { id } }', CONTACT, {"Contact.id": CONTACT}, id="an interface's field, by type"),
        pytest.param(
            "{ outcomes { ... on Node { ...N } } } fragment N on Node { id }",
            CONTACT,
            {},
            id="an interface within a type is that type",
        ),
        pytest.param(
            "{ outcomes { ...N } sessions { nodes { ...N } } } fragment N on Node { id }",
            SESSION,
            {"Query.sessions": SESSION, "SessionConnection.nodes": SESSION, "Session.id": SESSION},
            id="a fragment that is used twice counts for both types",
        ),
        pytest.param(
            '{ externalOrganization(id: "x") { contacts { pageInfo { endCursor } } } }',
            CONTACT,
            {"ExternalOrganization.contacts": CONTACT},
            id="the mere cursors of a connection",
        ),
        pytest.param(
            '{ session(id: "x") { contact { __typename } } }',
            CONTACT,
            {"Session.contact": CONTACT},
            id="that there is something is told to nobody either",
        ),
    ],
)
def test_what_a_missing_permission_forbids(text: str, missing: Permission, expected: dict[str, Permission]) -> None:
    assert forbidden(text, missing) == expected


def test_only_the_named_operation_counts() -> None:
    text = '{ outcomes { id } } query Other { contact(id: "x") { id } }'.replace(
        "{ outcomes", "query One { outcomes", 1
    )
    assert forbidden(text, CONTACT, name="One") == {}
    assert forbidden(text, CONTACT, name="Other") != {}


def test_who_may_do_everything_is_not_looked_at_further() -> None:
    assert forbidden('{ contact(id: "x") { id } }') == {}


def test_without_any_permission_only_what_is_public_is_left() -> None:
    text = '{ viewer { name } node(id: "x") { __typename } sessions { pageInfo { hasNextPage } } }'
    assert forbidden(text, *Permission) == {"Query.sessions": SESSION}


def test_where_nothing_is_forbidden_there_is_no_guard() -> None:
    assert guard_of({}) is None
    assert guard_of({("Contact", "id"): CONTACT}) is not None


MERGE = "mutation { mergeContacts(input: {contactIds: []}) { merge { id } } }"


@pytest.mark.parametrize(
    ("text", "missing", "refused"),
    [
        pytest.param(MERGE, Permission.IDENTITY_MERGE, "`Mutation.mergeContacts`", id="a mutation"),
        pytest.param(
            'mutation { createOutcome(input: {displayName: "a", eventName: "b"}) { outcome { id } } '
            'deleteNote(input: {id: "x"}) { note { id } } }',
            Permission.NOTE_DELETE,
            "`Mutation.deleteNote`",
            id="one of two mutations",
        ),
        pytest.param(
            'mutation { createOutcome(input: {displayName: "a", eventName: "b"}) { outcome { id } } }',
            Permission.OUTCOME_VIEW,
            "`CreateOutcomePayload.outcome`",
            id="a mutation whose payload may not be seen",
        ),
        pytest.param("subscription { presence { cursor } }", SESSION, "`Subscription.presence`", id="a subscription"),
        pytest.param(
            "subscription { presence { session { customerId } } }",
            CONTACT,
            None,
            id="but not a subscription of which a field may not be seen",
        ),
        pytest.param('{ contact(id: "x") { id } }', CONTACT, None, id="nor a query"),
        pytest.param(MERGE, Permission.NOTE_DELETE, None, id="nor what may be done"),
    ],
)
def test_what_is_refused_as_a_whole(text: str, missing: Permission, refused: str | None) -> None:
    document = parse(text)
    found = forbidden_fields(SCHEMA, document, None, EVERYTHING - {missing})
    if refused is None:
        refuse_as_a_whole(document, None, found)
        return
    with pytest.raises(Forbidden) as raised:
        refuse_as_a_whole(document, None, found)
    assert str(raised.value) == f"{refused} needs the permission {missing.value}, which you do not have."
    assert raised.value.permission == missing.value


@pytest.mark.parametrize(
    ("viewer", "refused"),
    [
        pytest.param(None, True, id="nobody"),
        pytest.param(Viewer("ann", "analyst", ROLES["analyst"]), True, id="without the permission"),
        pytest.param(Viewer("al", "agent", ROLES["agent"]), False, id="with the permission"),
    ],
)
def test_what_only_arguments_tell_is_refused_as_well(viewer: Viewer | None, *, refused: bool) -> None:
    if refused:
        with pytest.raises(Forbidden, match="externalContacts:session:view"):
            demand(viewer, Permission.CONTACT_SESSION_VIEW, "SessionFilter.contactId")
    else:
        demand(viewer, Permission.CONTACT_SESSION_VIEW, "SessionFilter.contactId")


@strawberry.input
class Wanted:
    whose_it_is: str | None = strawberry.field(default=None, directives=[requires(CONTACT)])
    urgent: bool = strawberry.field(default=False, directives=[requires(SESSION)])
    anything: str | None = None


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        pytest.param(None, None, id="no input"),
        pytest.param(Wanted(), None, id="nothing that needs a permission"),
        pytest.param(Wanted(anything="x"), None, id="what needs none"),
        pytest.param(Wanted(whose_it_is=strawberry.UNSET), None, id="what is left out"),
        pytest.param(Wanted(whose_it_is=""), "`Wanted.whoseItIs` needs the permission", id="even if it is empty"),
        pytest.param(Wanted(urgent=True), "`Wanted.urgent` needs the permission", id="a flag that is set"),
    ],
)
def test_a_field_of_an_input_needs_what_stands_beside_it(given: Wanted | None, refused: str | None) -> None:
    viewer = Viewer("nobody", "none")
    if refused is None:
        demand_of_input(viewer, given)
        return
    with pytest.raises(Forbidden, match=refused):
        demand_of_input(viewer, given)
    demand_of_input(Viewer("al", "agent", ROLES["agent"]), given)
