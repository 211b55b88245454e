"""Identifiers that people give and take: features D23, G10."""

from datetime import timedelta

import pytest

from gateway.journey.contact import ContactType
from gateway.journey.errors import InvalidValue, UnknownContact
from gateway.journey.event import Identifier
from gateway.storage.database import Database
from gateway.storage.documents.registered_identifier import RegisteredIdentifierDocument
from gateway.storage.identity.claims import claim_identifier, release_identifier
from gateway.storage.identity.linking import link_contacts
from tests.storage.identity.people import (
    BY_JO,
    NOON,
    audited,
    everything,
    found_by,
    holder_of,
    move_in,
    person,
    stored,
)

LATER = NOON + timedelta(days=50)
KEY = ("Phone", "+18031230000")
PHONE = Identifier("Phone", "+18031230000")
BY_AGENT = Identifier("Phone", "+1 803-123-0000", verified=True, source="Jo")


async def test_who_is_given_the_family_phone_holds_it_whoever_was_first(database: Database) -> None:
    await move_in(database, person("alexis", PHONE), person("david", PHONE, day=44))
    await claim_identifier(database, "david", BY_AGENT, LATER)
    assert await holder_of(database, KEY) == "david"
    (held,) = (await stored(database, "david")).identifiers
    assert (held.value, held.is_verified, held.source) == ("+18031230000", True, "Jo")
    assert (await stored(database, "alexis")).identifiers[0].key == KEY
    assert await audited(database) == [("Jo", "CLAIMED", {"david"})]
    row = await database["identifiers"].find_one()
    assert RegisteredIdentifierDocument.model_validate(row).contact_id == "david"


async def test_what_is_released_falls_to_the_next_who_claims_it(database: Database) -> None:
    await move_in(database, person("alexis", PHONE), person("david", PHONE, day=44), person("eve", PHONE, day=45))
    await claim_identifier(database, "eve", BY_AGENT, LATER)
    row = await release_identifier(database, "eve", BY_AGENT, LATER)
    assert row is not None
    assert (row["_id"], row.get("identifiers")) == ("eve", None)
    assert await holder_of(database, KEY) == "alexis"
    await release_identifier(database, "alexis", BY_AGENT, LATER)
    assert await holder_of(database, KEY) == "david"
    await release_identifier(database, "david", BY_AGENT, LATER)
    assert await holder_of(database, KEY) is None
    assert await database["identifiers"].count_documents({}) == 0
    assert ("Jo", "RELEASED", {"david"}) in await audited(database)


async def test_who_does_not_hold_it_leaves_the_register_alone_when_releasing_it(database: Database) -> None:
    await move_in(database, person("alexis", PHONE), person("david", PHONE, day=44), person("eve", PHONE, day=45))
    await claim_identifier(database, "eve", BY_AGENT, LATER)
    await release_identifier(database, "david", BY_AGENT, LATER)
    assert await holder_of(database, KEY) == "eve"


async def test_a_visitor_is_known_by_what_is_given_and_unknown_again_without(database: Database) -> None:
    await move_in(database, person("visitor"))
    given = await claim_identifier(database, "visitor", BY_AGENT, LATER)
    assert (given["type"], await found_by(database, "=18031230000")) == ("IDENTIFIED", ["visitor"])
    taken = await release_identifier(database, "visitor", BY_AGENT, LATER)
    assert taken is not None
    assert (taken["type"], await found_by(database, "=18031230000")) == ("EPHEMERAL", [])


async def test_a_customer_loses_an_identifier_with_all_that_is_merged_into_it(database: Database) -> None:
    await move_in(database, person("a", firstName="Ada", kind=ContactType.CURATED), person("b", PHONE))
    await link_contacts(database, "a", "b", BY_JO)
    assert await found_by(database, "=18031230000") == ["a"]
    row = await release_identifier(database, "a", BY_AGENT, LATER)
    assert row is not None
    assert (row["_id"], (await stored(database, "b")).identifiers) == ("a", ())
    assert (await found_by(database, "=18031230000"), await holder_of(database, KEY)) == ([], None)


@pytest.mark.parametrize(
    ("claim", "field"),
    [
        pytest.param(Identifier("Cookie", "v"), "type", id="a cookie"),
        pytest.param(Identifier("Phone", "0800"), "value", id="half a number"),
        pytest.param(Identifier("Email", "nobody"), "value", id="no address"),
    ],
)
async def test_what_nobody_can_be_found_by_is_neither_given_nor_taken(
    claim: Identifier, field: str, database: Database
) -> None:
    await move_in(database, person("a", PHONE))
    before = await everything(database)
    for change in (claim_identifier, release_identifier):
        with pytest.raises(InvalidValue) as refused:
            await change(database, "a", claim, LATER)
        assert refused.value.field == field
    assert await everything(database) == before


async def test_nobody_can_be_given_anything_and_nothing_released_that_is_not_held(database: Database) -> None:
    await move_in(database, person("a"))
    for change in (claim_identifier, release_identifier):
        with pytest.raises(UnknownContact):
            await change(database, "unheard", BY_AGENT, LATER)
    assert await release_identifier(database, "a", BY_AGENT, LATER) is None
    assert await audited(database) == []
