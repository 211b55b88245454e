from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from gateway.graph.schema import make_schema

SCHEMA_FILE = Path(__file__).parents[2] / "schema.graphql"
BUILT_IN = frozenset(("Boolean", "Float", "ID", "Int", "String"))

SKETCH = {
    "Query": "node viewer contact contactByIdentifier contacts session sessions journey outcomes",
    "Contact": "id type displayName identifiers sessions journey presence createdDate expiresDate",
    "Journey": "contact sessions events predictions outcomeAchievements",
    "Session": "id shortId type contact presence browser device geolocation referrer mktCampaign lastPage searchTerms "
    "eventCount pageviewCount durationInSeconds createdDate endedDate awayDate idleDate events predictions "
    "outcomeAchievements",
    "Event": "id eventName createdDate page searchQuery attributes session",
    "Prediction": "outcome session probability sessionMaxProbability quantile sessionMaxQuantile modifiedDate model",
    "Mutation": "createOutcome",
    "PresenceChanged": "cursor session",
    "Subscription": "presence predictions journey",
}
"""The types and fields that the design promises of this stage."""


def built() -> GraphQLSchema:
    return build_schema(make_schema().as_str())


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """Yield the path of everything in the schema that has no description."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name in BUILT_IN:
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{value}" for value, told in kind.values.items() if not told.description)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field, told in kind.fields.items():
                if not told.description:
                    yield f"{name}.{field}"
                arguments = getattr(told, "args", {})
                yield from (f"{name}.{field}({given})" for given, arg in arguments.items() if not arg.description)


def test_everything_in_the_schema_is_described() -> None:
    assert list(undescribed(built())) == []


def test_the_schema_has_what_the_design_promises() -> None:
    schema = built()
    for name, promised in SKETCH.items():
        kind = schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert set(promised.split()) - kind.fields.keys() == set(), name


def test_enumerations_have_the_documented_values() -> None:
    schema = built()
    presence, contact_type = schema.type_map["Presence"], schema.type_map["ContactType"]
    assert isinstance(presence, GraphQLEnumType)
    assert isinstance(contact_type, GraphQLEnumType)
    assert list(presence.values) == ["LIVE", "AWAY", "INACTIVE"]
    assert {"EPHEMERAL", "IDENTIFIED", "CURATED"} <= set(contact_type.values)


def test_the_exported_schema_is_the_one_that_is_served() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8").strip() == make_schema().as_str().strip(), (
        "schema.graphql is stale: run `make schema` and commit it"
    )
