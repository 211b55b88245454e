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

SKETCH = """
Query.node Query.viewer Query.contact Query.contactByIdentifier Query.contacts Query.session Query.sessions
Query.journey Query.outcomes
Contact.id Contact.type Contact.displayName Contact.identifiers Contact.sessions Contact.journey Contact.presence
Contact.createdDate Contact.expiresDate
Journey.contact Journey.sessions Journey.events Journey.predictions Journey.outcomeAchievements
Session.id Session.shortId Session.type Session.contact Session.presence Session.browser Session.device
Session.geolocation Session.referrer Session.mktCampaign Session.lastPage Session.searchTerms Session.eventCount
Session.pageviewCount Session.durationInSeconds Session.createdDate Session.endedDate Session.awayDate
Session.idleDate Session.events Session.predictions Session.outcomeAchievements
Event.id Event.eventName Event.createdDate Event.page Event.searchQuery Event.attributes Event.session
Prediction.outcome Prediction.session Prediction.probability Prediction.sessionMaxProbability Prediction.quantile
Prediction.sessionMaxQuantile Prediction.modifiedDate Prediction.model
Mutation.createOutcome PresenceChanged.cursor PresenceChanged.session
Subscription.presence Subscription.predictions Subscription.journey
""".split()
"""What the design promises of this stage, as Type.field."""


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
    missing = []
    for path in SKETCH:
        type_name, field = path.split(".")
        kind = schema.type_map.get(type_name)
        if not isinstance(kind, GraphQLObjectType) or field not in kind.fields:
            missing.append(path)
    assert missing == []


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
