"""What each field needs: declared beside it, shown in the schema as a directive, and read back from there.

    @strawberry.type(description="A customer.", directives=[requires(Permission.CONTACT_VIEW)])
    class Contact:
        last_name: str | None = stored("lastName", "Family name.")
        presence: Presence | None = stored("presence", "...", requires=Permission.CONTACT_SESSION_VIEW)

A type's permission is that of each of its fields; a field's own takes its place. Besides, a field that leads to a type
with a permission needs that one too: whatever path leads to a contact, it cannot be seen without CONTACT_VIEW.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import strawberry
from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema, get_named_type, is_interface_type, is_object_type
from strawberry.schema_directive import Location

from gateway.access.permissions import Permission

Place = tuple[str, str]
"""The name of a type, and that of one of its fields, as in the schema."""
Requirements = Mapping[Place, tuple[Permission, ...]]


@strawberry.schema_directive(
    name="requires",
    locations=[
        Location.OBJECT,
        Location.INTERFACE,
        Location.FIELD_DEFINITION,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
    ],
    description="The permission that is needed. That of a type is needed for each of its fields that has none of its "
    "own, and for every field that leads to the type.",
)
class Requires:
    """The directive that names a permission."""

    permission: str


@strawberry.schema_directive(
    name="public",
    locations=[Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION],
    description="Whoever has a token may see it; of a part of something, whoever may see what it is a part of.",
)
class Public:
    """The directive that says that no permission is needed."""


PUBLIC = Public()


class Undeclared(LookupError):
    """Raised for a field that does not say which permission it needs."""


def requires(permission: Permission) -> Requires:
    """Declare the permission of a field, a type, a mutation or a subscription."""
    return Requires(permission=permission.value)


def declared(permission: Permission | Public | None) -> list[object]:
    """Return the directives of a field with this permission; None leaves it to the field's type."""
    if permission is None:
        return []
    return [permission if isinstance(permission, Public) else requires(permission)]


@lru_cache(maxsize=4)
def requirements(schema: GraphQLSchema) -> Requirements:
    """Return which permissions each field of the schema needs, its own first: all of them.

    Raises:
        Undeclared: a field does not say so.
    """
    places = [
        (type_, name, field)
        for type_ in schema.type_map.values()
        if (is_object_type(type_) or is_interface_type(type_)) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
    ]
    return MappingProxyType({(type_.name, name): _needs(type_, name, field) for type_, name, field in places})


def permission_of(schema: GraphQLSchema, type_name: str, field_name: str) -> Permission | None:
    """Return the permission that a field declares, itself or by its type; None is PUBLIC.

    Raises:
        Undeclared: it does not say so.
    """
    type_ = schema.type_map[type_name]
    return _own(type_, field_name, type_.fields[field_name])  # type: ignore[attr-defined]  # an object or interface


def permission_declared_by(definition: object) -> Permission | None:
    """Return the permission that stands at a type or a field, by what Strawberry has for it; None if there is none."""
    declaration = _declared_by(definition)
    return Permission(declaration.permission) if isinstance(declaration, Requires) else None


def _needs(type_: GraphQLNamedType, name: str, field: GraphQLField) -> tuple[Permission, ...]:
    own, led_to = _own(type_, name, field), _declaration(_leads_to(field))
    needed = (own, Permission(led_to.permission) if isinstance(led_to, Requires) else None)
    return tuple(dict.fromkeys(permission for permission in needed if permission))


def _own(type_: GraphQLNamedType, name: str, field: GraphQLField) -> Permission | None:
    declaration = _declaration(field) or _declaration(type_)
    if declaration is None:
        raise Undeclared(f"`{type_.name}.{name}` declares no permission: give it `requires`, or PUBLIC.")
    return Permission(declaration.permission) if isinstance(declaration, Requires) else None


def _declaration(element: GraphQLField | GraphQLNamedType) -> Requires | Public | None:
    return _declared_by(element.extensions.get("strawberry-definition"))


def _declared_by(definition: object) -> Requires | Public | None:
    directives = getattr(definition, "directives", None) or ()
    return next((one for one in directives if isinstance(one, Requires | Public)), None)


def _leads_to(field: GraphQLField) -> GraphQLNamedType:
    """Return the type that a field returns; a connection leads to that of its nodes."""
    named = get_named_type(field.type)
    nodes = getattr(named, "fields", {}).get("nodes")
    return get_named_type(nodes.type) if nodes else named
