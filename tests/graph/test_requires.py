"""Every field says which permission it needs, beside the field and in the printed schema."""

import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLNonNull, GraphQLSchema

from gateway.access.permissions import ROLES, Permission
from gateway.graph.requires import PUBLIC, Undeclared, permission_of, requirements, requires
from gateway.graph.schema import make_schema
from tests.graph.every_field import SCHEMA, declaration, field_of, needed, object_types

SERVED: GraphQLSchema = make_schema()._schema
NEVER_NULL = {
    "Journey.contact",
    "Journey.events",
    "Journey.outcomeAchievements",
    "Journey.predictions",
    "Journey.sessions",
    "Prediction.outcome",
    "Prediction.session",
    "Session.contact",
    "Session.events",
    "Session.predictions",
}
"""What may be forbidden within something that may be seen, and is not null: as the contract with clients has it."""


def test_every_field_of_the_printed_schema_declares_a_permission_or_that_it_is_public() -> None:
    undeclared = [
        f"{type_.name}.{name}"
        for type_ in object_types()
        for name, field in type_.fields.items()
        if declaration(field) is None and declaration(type_) is None
    ]
    assert undeclared == [], "give the field or its type `requires`, or PUBLIC: see gateway/graph/requires.py"


@pytest.mark.parametrize("root", ["Query", "Mutation", "Subscription"])
def test_every_root_field_declares_its_own(root: str) -> None:
    type_ = SCHEMA.type_map[root]
    assert declaration(type_) is None
    assert [name for name, field in type_.fields.items() if declaration(field) is None] == []  # type: ignore[attr-defined]


def test_what_is_printed_is_what_is_checked() -> None:
    table = requirements(SERVED)
    printed = {(type_.name, name): needed(type_, name) for type_ in object_types() for name in type_.fields}
    assert {place: {one.value for one in table[place]} for place in printed} == printed


def test_every_mutation_needs_a_permission() -> None:
    assert SCHEMA.mutation_type is not None
    assert [name for name in SCHEMA.mutation_type.fields if not needed(SCHEMA.mutation_type, name)] == []


def test_only_these_queries_are_open_to_whoever_has_a_token() -> None:
    assert SCHEMA.query_type is not None
    assert {name for name in SCHEMA.query_type.fields if not needed(SCHEMA.query_type, name)} == {"node", "viewer"}


def test_the_fields_of_the_interface_need_nothing_that_its_types_do_not_check() -> None:
    """`node` asks for the permission of the type; a type that demands more for its id would have to be asked too."""
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    for type_ in SCHEMA.get_possible_types(node):
        assert declaration(type_), f"{type_.name} can be had by `node`, and must declare a permission"
        assert {name for name in node.fields if declaration(type_.fields[name]) is not None} == set(), type_.name


def test_a_field_that_may_be_forbidden_within_something_that_may_be_seen_is_nullable_or_says_so() -> None:
    never_null = {
        f"{type_.name}.{name}"
        for type_ in object_types()
        if declaration(type_)
        for name, field in type_.fields.items()
        if needed(type_, name) - {declaration(type_)} and isinstance(field.type, GraphQLNonNull)
    }
    assert never_null == NEVER_NULL
    described = [field_of(*place.split(".")).description for place in never_null]
    assert [text for text in described if "Never null" not in (text or "")] == []


def test_every_permission_that_stands_in_the_schema_is_one_that_a_role_can_have() -> None:
    printed = {permission for type_ in object_types() for name in type_.fields for permission in needed(type_, name)}
    assert printed <= {permission.value for permission in ROLES["admin"]}


CHECKED = {
    "ContactFilter.divisionId",
    "ContactFilter.segmentId",
    "EnrichContactInput.promote",
    "EnrichmentInput.promote",
    "SessionFilter.contactId",
    "SessionFilter.divisionId",
    "Subscription.predictions(contactId:)",
}
"""Arguments and fields of inputs whose permission a resolver demands: see `demand` and `demand_of_input`."""


def test_what_stands_beside_arguments_and_inputs_is_also_demanded() -> None:
    of_arguments = {
        f"{type_.name}.{name}({given}:)"
        for type_ in object_types()
        for name, field in type_.fields.items()
        for given, argument in field.args.items()
        if declaration(argument)
    }
    of_inputs = {
        f"{kind.name}.{name}"
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLInputObjectType)
        for name, field in kind.fields.items()
        if declaration(field)
    }
    assert of_arguments | of_inputs == CHECKED, "have the resolver demand it, and add it here"


@strawberry.type(directives=[requires(Permission.CONTACT_VIEW)])
class Person:
    name: str
    visits: int = strawberry.field(directives=[requires(Permission.SESSION_VIEW)])
    number: int = strawberry.field(directives=[PUBLIC])


def schema_of(query: type) -> GraphQLSchema:
    built: GraphQLSchema = strawberry.Schema(query=query)._schema
    return built


@strawberry.type
class Declared:
    person: Person = strawberry.field(directives=[requires(Permission.EVENT_VIEW)])
    anybody: Person = strawberry.field(directives=[PUBLIC])
    same: Person = strawberry.field(directives=[requires(Permission.CONTACT_VIEW)])


@strawberry.type
class Forgotten:
    person: Person


@pytest.mark.parametrize(
    ("place", "own", "expected"),
    [
        pytest.param(
            ("Person", "name"), Permission.CONTACT_VIEW, [Permission.CONTACT_VIEW], id="the type's permission"
        ),
        pytest.param(("Person", "visits"), Permission.SESSION_VIEW, [Permission.SESSION_VIEW], id="its own instead"),
        pytest.param(("Person", "number"), None, [], id="public within a type that is not"),
        pytest.param(
            ("Declared", "person"),
            Permission.EVENT_VIEW,
            [Permission.EVENT_VIEW, Permission.CONTACT_VIEW],
            id="its own, and that of what it leads to",
        ),
        pytest.param(("Declared", "anybody"), None, [Permission.CONTACT_VIEW], id="public, but for what it leads to"),
        pytest.param(("Declared", "same"), Permission.CONTACT_VIEW, [Permission.CONTACT_VIEW], id="both are the same"),
    ],
)
def test_what_a_field_needs(place: tuple[str, str], own: Permission | None, expected: list[Permission]) -> None:
    schema = schema_of(Declared)
    assert permission_of(schema, *place) is own
    assert list(requirements(schema)[place]) == expected


def test_a_field_that_declares_nothing_is_refused_by_name() -> None:
    with pytest.raises(Undeclared, match=r"`Forgotten\.person` declares no permission"):
        requirements(schema_of(Forgotten))


def test_a_connection_leads_to_what_it_lists() -> None:
    assert Permission.CONTACT_VIEW in requirements(SERVED)["ExternalOrganization", "contacts"]
