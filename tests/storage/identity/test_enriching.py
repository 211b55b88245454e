"""Enrichments as they are stored: who is found, what is written, and that two at once make one contact."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.journey.contact import ContactType, contact_id_of
from gateway.journey.enrichment import EnrichAction, Enrichment, EnrichStatus, FieldRule
from gateway.journey.enrichment_plan import Customers, Enriched
from gateway.journey.errors import InvalidValue
from gateway.journey.event import Identifier
from gateway.journey.identity import Rule
from gateway.journey.ids import derive_id
from gateway.storage.database import Database, Row
from gateway.storage.documents.registered_identifier import registered_id
from gateway.storage.identity.claims import claim_identifier
from gateway.storage.identity.enriching import Teller, enrich_contacts, enrich_those_that_can_be, would_enrich
from gateway.storage.identity.merging import unmerge_contacts

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TELLER = Teller("crm", NOON)
ADA, BOB = Identifier("Email", "ada@shop.example"), Identifier("Email", "bob@shop.example")
PHONE = Identifier("Phone", "+41446681800")
MERGE, EXTEND = EnrichAction.MERGE, {"identifiers": FieldRule.EXTEND}


def wanted(*matching: Identifier, new_id: str = "new", **told: object) -> Enrichment:
    return Enrichment(matching, told, new_id=new_id)


async def contacts(database: Database) -> list[Row]:
    return await database["contacts"].find().sort("_id").to_list()


async def holder_of(database: Database, told: Identifier) -> str | None:
    row = await database["identifiers"].find_one({"_id": registered_id(told.type, told.value)})
    return str(row["contactId"]) if row else None


def statuses(results: Sequence[Enriched | InvalidValue]) -> list[str]:
    return [result.status.value if isinstance(result, Enriched) else "refused" for result in results]


async def test_a_new_customer_is_created_registered_found_and_noted(database: Database) -> None:
    (result,) = await enrich_contacts(database, [wanted(ADA, firstName="Ada")], TELLER)
    assert result.status is EnrichStatus.CREATED
    (row,) = await contacts(database)
    assert (row["_id"], row["type"], row["firstName"]) == ("new", ContactType.CURATED.value, "Ada")
    assert "expiresDate" not in row
    assert "=ada@shop.example" in row["searchKeys"]
    assert await holder_of(database, ADA) == "new"
    (entry,) = await database["auditLog"].find().to_list()
    assert (entry["action"], entry["actor"], entry["contactIds"]) == ("ENRICHED", "crm", ["new"])
    assert entry["details"] == {"created": 1}


async def test_what_is_told_again_changes_nothing_and_is_not_noted(database: Database) -> None:
    await enrich_contacts(database, [wanted(ADA, firstName="Ada")], TELLER)
    before = await contacts(database), await database["auditLog"].count_documents({})
    later = Teller("crm", NOON + timedelta(days=100))
    (result,) = await enrich_contacts(database, [wanted(ADA, new_id="other", firstName="Ada")], later)
    assert result.status is EnrichStatus.UNCHANGED
    assert before == (await contacts(database), await database["auditLog"].count_documents({}))


async def test_requests_find_what_those_before_them_have_created(database: Database) -> None:
    requests = [
        wanted(ADA, new_id="a", firstName="Ada"),
        wanted(ADA, PHONE, new_id="b", lastName="King"),
        Enrichment((ADA,), {}, (PHONE,), rules=EXTEND),
        wanted(PHONE, new_id="c", title="Countess"),
    ]
    assert statuses(await enrich_contacts(database, requests, TELLER)) == ["CREATED", "UPDATED", "UPDATED", "UPDATED"]
    (row,) = await contacts(database)
    assert (row["_id"], row["firstName"], row["lastName"], row["title"]) == ("a", "Ada", "King", "Countess")
    assert await holder_of(database, PHONE) == "a"
    assert {"king", "countess"} <= set(row["searchWords"])


async def test_a_visitor_is_enriched_by_its_cookie_and_kept_when_promoted(database: Database) -> None:
    id_ = contact_id_of("cookie", "v1")
    cookie = {"type": "Cookie", "value": "v1", "isNormalised": True, "isVerified": False, "source": "visitor"}
    dates = {"createdDate": NOON, "lastSeenDate": NOON}
    visitor: Row = {"_id": id_, "type": "EPHEMERAL", "sessionCount": 1, "identifiers": [{**cookie, **dates}]}
    await database["contacts"].insert_one({**visitor, "createdDate": NOON, "modifiedDate": NOON, "expiresDate": NOON})
    request = Enrichment((Identifier("Cookie", "v1"),), {"firstName": "Ada"}, (ADA,), promote=True, new_id="new")
    (result,) = await enrich_contacts(database, [request], TELLER)
    assert (result.status, result.contact and result.contact.id) == (EnrichStatus.UPDATED, id_)
    (row,) = await contacts(database)
    assert (row["type"], row["firstName"], len(row["identifiers"])) == ("CURATED", "Ada", 2)
    assert "expiresDate" not in row
    assert row["sessionCount"] == 1
    assert await holder_of(database, ADA) == id_


async def test_an_identifier_that_is_replaced_falls_to_the_next_who_claims_it(database: Database) -> None:
    first = Teller("crm", NOON - timedelta(days=1))
    await enrich_contacts(database, [Enrichment((ADA,), {}, (PHONE,), new_id="a")], first)
    await enrich_contacts(database, [Enrichment((BOB,), {}, (PHONE,), new_id="b")], TELLER)
    assert await holder_of(database, PHONE) == "a"
    other = Identifier("Phone", "+41446681801")
    replace = Enrichment((ADA,), {}, (other,), rules={"Phone": FieldRule.REPLACE}, new_id="x")
    results = await enrich_contacts(database, [replace, wanted(PHONE, new_id="y", firstName="Bob")], TELLER)
    assert statuses(results) == ["UPDATED", "UPDATED"]
    assert (await holder_of(database, PHONE), await holder_of(database, other)) == ("b", "a")
    assert [row.get("firstName") for row in await contacts(database)] == [None, "Bob"]


async def test_what_a_person_gave_to_somebody_stays_there_when_another_loses_it(database: Database) -> None:
    for number, id_ in enumerate(("a", "b", "c")):
        email = Identifier("Email", f"{id_}@shop.example")
        teller = Teller("crm", NOON + timedelta(days=number))
        await enrich_contacts(database, [Enrichment((email,), {}, (PHONE,), new_id=id_)], teller)
    await claim_identifier(database, "c", PHONE, NOON)
    other = Identifier("Phone", "+41446681801")
    by_a = Identifier("Email", "a@shop.example")
    replace = Enrichment((by_a,), {}, (other,), rules={"Phone": FieldRule.REPLACE})
    results = await enrich_contacts(database, [replace, wanted(PHONE, title="Dr.")], TELLER)
    assert [result.contact and result.contact.id for result in results] == ["a", "c"]
    assert await holder_of(database, PHONE) == "c"


async def test_a_merge_can_be_undone_and_leaves_what_was_told_with_nobody_else(database: Database) -> None:
    await enrich_contacts(database, [wanted(ADA, new_id="a", firstName="Ada")], TELLER)
    await enrich_contacts(database, [wanted(BOB, new_id="b", lastName="King")], TELLER)
    before = await contacts(database)
    both = Enrichment((ADA, BOB), {"title": "Dr."}, action=MERGE, new_id="x")
    (merged,) = await enrich_contacts(database, [both], TELLER)
    assert (merged.status, merged.merged_ids) == (EnrichStatus.MERGED, ("a", "b"))
    assert merged.contact is not None
    head = await database["contacts"].find_one({"_id": merged.contact.id})
    assert head is not None
    assert {name: head[name] for name in ("firstName", "lastName", "title")} == {
        "firstName": "Ada",
        "lastName": "King",
        "title": "Dr.",
    }
    assert statuses(await enrich_contacts(database, [both], TELLER)) == ["UNCHANGED"]
    edge = await database["identityEdges"].find_one({"childId": "a"})
    assert edge is not None
    assert (edge["kind"], edge["rule"], edge["madeBy"]) == ("MERGE", Rule.ENRICH.value, "crm")
    await unmerge_contacts(database, edge["mergeId"], "ada", NOON)
    now = await contacts(database)
    assert [row["_id"] for row in now] == ["a", "b"]
    for was, is_ in zip(before, now, strict=True):
        assert is_ == {**was, "edgesChangedDate": is_["edgesChangedDate"]}


async def test_a_dry_run_says_the_same_and_writes_nothing(database: Database) -> None:
    await enrich_contacts(database, [wanted(ADA, new_id="a")], TELLER)
    before = await contacts(database), await database["identifiers"].count_documents({})
    requests = [
        wanted(BOB, new_id="b", firstName="Bob"),
        Enrichment((ADA, BOB), {}, action=MERGE, new_id="c"),
        wanted(BOB, new_id="d", firstName="Rob"),
        Enrichment((PHONE,), action=EnrichAction.UPDATE),
        Enrichment((BOB,), {}, (Identifier("SocialLine", "1"), Identifier("SocialLine", "2")), new_id="e"),
    ]
    said = await would_enrich(database, requests, TELLER)
    assert statuses(said) == ["CREATED", "MERGED", "UPDATED", "NO_MATCH", "refused"]
    assert before == (await contacts(database), await database["identifiers"].count_documents({}))
    done = await enrich_those_that_can_be(database, requests, TELLER)
    assert statuses(done) == statuses(said)


async def test_a_dry_run_goes_on_where_the_last_one_was(database: Database) -> None:
    customers = Customers()
    first = await would_enrich(database, [wanted(ADA, new_id="a")], TELLER, customers)
    second = await would_enrich(database, [wanted(ADA, new_id="b")], TELLER, customers)
    assert statuses([*first, *second]) == ["CREATED", "UNCHANGED"]


async def test_one_refused_request_leaves_none_behind_or_the_others(database: Database) -> None:
    bad = Enrichment((BOB,), {}, (Identifier("SocialLine", "1"), Identifier("SocialLine", "2")), new_id="bad")
    with pytest.raises(InvalidValue, match=r"`requests\[1\].identifiers` is '1, 2', but must be at most 1"):
        await enrich_contacts(database, [wanted(ADA, new_id="a"), bad], TELLER)
    assert await contacts(database) == []
    assert statuses(await enrich_those_that_can_be(database, [wanted(ADA, new_id="a"), bad], TELLER)) == [
        "CREATED",
        "refused",
    ]
    assert [row["_id"] for row in await contacts(database)] == ["a"]


@pytest.mark.parametrize("round_", range(10))
async def test_two_that_tell_of_the_same_new_address_at_once_make_one_contact(database: Database, round_: int) -> None:
    address = Identifier("Email", f"new{round_}@shop.example")
    requests = [wanted(address, new_id=derive_id("contact", str(n)), title=f"t{n}") for n in range(4)]
    results = await asyncio.gather(*(enrich_contacts(database, [one], TELLER) for one in requests))
    assert sorted(statuses([one for (one,) in results])) == ["CREATED", "UPDATED", "UPDATED", "UPDATED"]
    (row,) = await contacts(database)
    assert await holder_of(database, address) == row["_id"]
