"""The tables of docs/permissions.md, made from the roles and the schema: `python -m tests.graph.permission_table`."""

from collections import defaultdict
from pathlib import Path

from graphql import GraphQLArgument, GraphQLInputField, GraphQLInputObjectType

from gateway.access.permissions import ROLES, Permission
from tests.graph.every_field import SCHEMA, declaration, object_types

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
BEGIN = "<!-- made by tests/graph/permission_table.py: begin -->"
END = "<!-- end -->"
ORDER = ("agent", "supervisor", "analyst", "admin")
ELSEWHERE = {
    Permission.SCHEMA_INTROSPECT: "asking for the schema: `__schema`, `__type`",
    Permission.GRAPHIQL_USE: "the page GraphiQL under /graphiql",
}
"""What permissions open that stand at no field."""


def table() -> str:
    """Return a line for each permission: who has it, and what it opens."""
    opened = _opened()
    head = f"| permission | {' | '.join(ORDER)} | opens |\n|---|{':-:|' * len(ORDER)}---|\n"
    return head + "".join(_line(permission, opened[permission.value]) for permission in Permission)


def page_with(made: str) -> str:
    """Return the page with this between its marks."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n{made}{END}{rest.split(END)[1]}"


def _line(permission: Permission, opened: list[str]) -> str:
    has = " | ".join("✓" if permission in ROLES[role] else "" for role in ORDER)
    told = ", ".join(f"`{place}`" for place in opened) or ELSEWHERE.get(permission, "nothing yet")
    return f"| `{permission.value}` | {has} | {told} |\n"


def _opened() -> dict[str, list[str]]:
    opened: dict[str, list[str]] = defaultdict(list)
    roots = {type_.name for type_ in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type) if type_}
    for type_ in sorted(object_types(), key=lambda one: (one.name not in roots, one.name)):
        opened[declaration(type_) or ""].append(type_.name)
        for name, field in type_.fields.items():
            opened[declaration(field) or ""].append(f"{type_.name}.{name}")
            for given, argument in field.args.items():
                opened[_of_input(argument)].append(f"{type_.name}.{name}({given}:)")
    for kind in SCHEMA.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            for name, given_field in kind.fields.items():
                opened[_of_input(given_field)].append(f"{kind.name}.{name}")
    return opened


def _of_input(element: GraphQLArgument | GraphQLInputField) -> str:
    return declaration(element) or ""


if __name__ == "__main__":
    PAGE.write_text(page_with(table()), encoding="utf-8")
