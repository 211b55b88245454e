"""External segments: assigned and taken away by hand, and shown wherever other assignments are."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.graph.node import from_global_id, to_global_id
from gateway.journey.contact import contact_id_of
from tests.graph.conftest import Api
from tests.graph.socket_client import acknowledged
from tests.graph.test_segments import created

ASSIGNED = "segmentAssignments { segment { displayName } assignedDate expiresDate event { id } session { id } }"
ASSIGN = f"""mutation ($input: AssignSegmentsInput!) {{
  assignSegments(input: $input) {{ contact {{ id {ASSIGNED} }} session {{ id {ASSIGNED} }} }} }}"""
UNASSIGN = f"""mutation ($input: UnassignSegmentsInput!) {{
  unassignSegments(input: $input) {{ contact {{ id {ASSIGNED} }} session {{ id {ASSIGNED} }} }} }}"""
IN_CRM = {"id": "77", "name": "Loyal", "source": "CUSTOM"}
ADA = to_global_id("Contact", contact_id_of("cookie", "ada"))


async def external(api: Api, name: str = "Loyal", **fields: Any) -> str:
    """Define an external segment, and return its id."""
    told = {"displayName": name, "journey": None, "externalSegment": IN_CRM, **fields}
    id_: str = (await created(api, **told))["id"]
    return id_


async def assign(api: Api, *ids: str, expires: datetime | None = None, **whom: str) -> list[dict[str, Any]]:
    """Assign segments, and return what whoever it was is in now."""
    ends = {} if expires is None else {"expiresDate": expires.isoformat()}
    told = {"segments": [{"segmentId": id_, **ends} for id_ in ids], **(whom or {"contactId": ADA})}
    return shown((await api.ask(ASSIGN, input=told))["assignSegments"])


async def unassign(api: Api, *ids: str, **whom: str) -> list[dict[str, Any]]:
    told = {"segmentIds": ids, **(whom or {"contactId": ADA})}
    return shown((await api.ask(UNASSIGN, input=told))["unassignSegments"])


def shown(payload: dict[str, Any]) -> list[dict[str, Any]]:
    of: dict[str, Any] = payload["contact"] or payload["session"]
    listed: list[dict[str, Any]] = of["segmentAssignments"]
    return listed


def names(listed: list[dict[str, Any]]) -> list[str]:
    return [one["segment"]["displayName"] for one in listed]


async def session_of_ada(api: Api) -> str:
    id_: str = (await api.ask("{ sessions { nodes { id } } }"))["sessions"]["nodes"][0]["id"]
    return id_


async def segments_of_ada(api: Api) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await api.ask(f'{{ contact(id: "{ADA}") {{ {ASSIGNED} }} }}'))["contact"][
        "segmentAssignments"
    ]
    return listed


async def test_a_customer_is_in_what_is_assigned_in_order_until_it_is_taken_away(api: Api) -> None:
    await api.happens("ada")
    loyal, wholesale = await external(api), await external(api, "Wholesale")
    told = await assign(api, wholesale, loyal)
    assert names(told) == ["Wholesale", "Loyal"]
    assert {(one["expiresDate"], one["event"], one["session"]) for one in told} == {(None, None, None)}
    assert await segments_of_ada(api) == told
    journey = (await api.ask(f'{{ journey(contactId: "{ADA}") {{ {ASSIGNED} }} }}'))["journey"]
    assert journey["segmentAssignments"] == told
    assert names(await unassign(api, wholesale)) == ["Loyal"]
    assert await unassign(api, wholesale, loyal) == []
    assert "segmentAssignments" not in (await api.database["contacts"].find_one() or {})


async def test_what_is_assigned_already_keeps_its_beginning_and_ends_as_told_now(api: Api) -> None:
    await api.happens("ada")
    loyal = await external(api)
    (before,) = await assign(api, loyal)
    tomorrow = api.started + timedelta(days=1)
    (after,) = await assign(api, loyal, expires=tomorrow)
    assert after == {**before, "expiresDate": tomorrow.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    (again,) = await assign(api, loyal)
    assert again == before


async def test_an_assignment_ends_after_the_days_of_its_segment_unless_another_end_is_told(api: Api) -> None:
    await api.happens("ada")
    (one,) = await assign(api, await external(api, assignmentExpirationDays=30))
    assert moment(one["expiresDate"]) - moment(one["assignedDate"]) == timedelta(days=30)


async def test_one_that_has_ended_is_shown_as_past_and_can_come_again_last(api: Api) -> None:
    await api.happens("ada")
    loyal, wholesale = await external(api), await external(api, "Wholesale")
    await assign(api, loyal, wholesale)
    over = {"segmentAssignments.0.expiresDate": api.started - timedelta(days=1)}
    await api.database["contacts"].update_one({}, {"$set": over})
    assert names(await segments_of_ada(api)) == ["Wholesale"]
    journey = (await api.ask(f'{{ journey(contactId: "{ADA}") {{ {ASSIGNED} }} }}'))["journey"]
    assert names(journey["segmentAssignments"]) == ["Loyal", "Wholesale"]
    assert names(await assign(api, loyal)) == ["Wholesale", "Loyal"]


async def test_a_session_is_in_a_segment_of_sessions_beside_those_that_it_came_into(api: Api) -> None:
    await created(api, displayName="Readers", journey={"patterns": [{"eventName": "page_viewed"}]})
    hot = await external(api, "Hot lead", scope="SESSION")
    await api.happens("ada")
    session_id = await session_of_ada(api)
    assert names(await assign(api, hot, sessionId=session_id)) == ["Readers", "Hot lead"]
    await api.happens("ada")
    told = (await api.ask(f"{{ sessions {{ nodes {{ eventCount {ASSIGNED} }} }} }}"))["sessions"]["nodes"]
    assert (told[0]["eventCount"], names(told[0]["segmentAssignments"])) == (2, ["Readers", "Hot lead"])
    over = {"segmentAssignments.0.expiresDate": api.started - timedelta(seconds=1)}
    await api.database["sessions"].update_one({}, {"$set": over})
    shown_of_session = f"{{ sessions {{ nodes {{ {ASSIGNED} contact {{ journey {{ {ASSIGNED} }} }} }} }} }}"
    (node,) = (await api.ask(shown_of_session))["sessions"]["nodes"]
    assert names(node["segmentAssignments"]) == ["Hot lead"]
    assert names(node["contact"]["journey"]["segmentAssignments"]) == ["Readers", "Hot lead"]
    assert await unassign(api, hot, sessionId=session_id) == []


async def test_several_contacts_are_one_customer(api: Api) -> None:
    for visitor in ("ada", "tablet"):
        await api.happens(visitor, "identify", userId="u-1")
    tablet = to_global_id("Contact", contact_id_of("cookie", "tablet"))
    loyal = await external(api)
    (first,) = await assign(api, loyal, contactId=tablet)
    tomorrow = api.started + timedelta(days=1)
    (second,) = await assign(api, loyal, expires=tomorrow, contactId=ADA)
    assert (second["assignedDate"], second["expiresDate"] is None) == (first["assignedDate"], False)
    assert await api.database["contacts"].count_documents({"segmentAssignments": {"$exists": True}}) == 1
    assert await unassign(api, loyal, contactId=ADA) == []


async def test_the_audit_log_tells_who_was_put_in_and_out_and_nothing_where_nothing_changed(api: Api) -> None:
    await api.happens("ada")
    loyal = await external(api)
    hot = await external(api, "Hot lead", scope="SESSION")
    session_id = await session_of_ada(api)
    await assign(api, loyal)
    await unassign(api, loyal)
    await unassign(api, loyal)
    await assign(api, hot, sessionId=session_id)
    log = f'{{ auditLog(contactId: "{ADA}") {{ nodes {{ action details }} }} }}'
    entries = [one for one in (await api.ask(log))["auditLog"]["nodes"] if "ASSIGNED" in one["action"]]
    ids = [[from_global_id(id_)[1]] for id_ in (hot, loyal, loyal)]
    assert [(one["action"], one["details"]["segmentIds"]) for one in entries] == list(
        zip(("ASSIGNED", "UNASSIGNED", "ASSIGNED"), ids, strict=True)
    )
    assert entries[0]["details"]["sessionId"] == from_global_id(session_id)[1]


async def test_what_is_assigned_while_the_customer_visits_is_lost_on_neither_side(api: Api) -> None:
    await created(api, displayName="Regulars", scope="CUSTOMER", journey={"patterns": [{**PAGE, "count": 3}]})
    segments = [await external(api, f"Segment {number}") for number in range(8)]
    await api.happens("ada")
    calls = (assign(api, id_) for id_ in segments)
    visits = (api.happens("ada", "track", event="Cart Viewed") for _ in range(8))
    pages = (api.happens("ada") for _ in range(2))
    await asyncio.gather(*calls, *visits, *pages)
    told = names(await segments_of_ada(api))
    assert sorted(told) == ["Regulars", *(f"Segment {number}" for number in range(8))]


PAGE = {"eventName": "page_viewed"}


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        pytest.param({"contactId": None}, "contactId", "one of the two", id="nobody"),
        pytest.param({"sessionId": "SESSION"}, "contactId", "one of the two", id="a customer and a session"),
        pytest.param({"contactId": "WRONG"}, "contactId", "no contact with this id", id="no such contact"),
        pytest.param({"segments": []}, "segments", "'0 entries', but must be 1 to 10", id="no segment"),
        pytest.param({"segments": ["LOYAL"] * 11}, "segments", "'11 entries', but must be 1 to 10", id="too many"),
        pytest.param({"segments": ["LOYAL", "LOYAL"]}, "segments[1].segmentId", "another segment", id="one twice"),
        pytest.param({"segments": ["NONE"]}, "segments[0].segmentId", "no segment with this id", id="no such segment"),
        pytest.param({"segments": ["SHOPPERS"]}, "segments[0].segmentId",
                     "an external segment: visitors come into 'Shoppers' by its conditions", id="by conditions"),
        pytest.param({"segments": ["LOYAL", "IDLE"]}, "segments[1].segmentId", "'Idle' is not", id="one not active"),
        pytest.param({"segments": ["HOT"]}, "segments[0].segmentId", "'Hot lead' is of sessions", id="one of sessions"),
        pytest.param({"contactId": None, "sessionId": "SESSION"}, "segments[0].segmentId",
                     "'Loyal' is of customers", id="one of customers"),
        pytest.param({"contactId": None, "sessionId": "OVER", "segments": ["HOT"]}, "sessionId",
                     "a session that is not over", id="a session that is over"),
        pytest.param({"ends": -1}, "segments[0].expiresDate", "in the future", id="over already"),
        pytest.param({"ends": 4_000}, "segments[0].expiresDate", "at most 3,650 days", id="beyond ten years"),
    ],
)  # fmt: skip
async def test_what_cannot_be_assigned_is_refused_by_its_field_and_nothing_is(
    changes: dict[str, Any], field: str, told: str, api: Api
) -> None:
    await api.happens("old", ago=7_200)
    over = await session_of_ada(api)
    await api.happens("ada")
    ids = {
        "LOYAL": await external(api),
        "HOT": await external(api, "Hot lead", scope="SESSION"),
        "IDLE": await external(api, "Idle", isActive=False),
        "SHOPPERS": (await created(api))["id"],
        "SESSION": await session_of_ada(api),
        "OVER": over,
        "NONE": to_global_id("Segment", "none"),
        "WRONG": to_global_id("Contact", "none"),
    }
    changes = {"contactId": ADA, "segments": ["LOYAL"], **changes}
    days = changes.pop("ends", None)
    ends = {} if days is None else {"expiresDate": (api.started + timedelta(days=days)).isoformat()}
    segments = [{"segmentId": ids[name], **ends} for name in changes.pop("segments")]
    (error,) = await api.errors(
        ASSIGN, input={"segments": segments, **{name: ids.get(id_, id_) for name, id_ in changes.items()}}
    )
    assert (error["extensions"].get("field"), told in error["message"]) == (field, True), error
    assert await api.database["contacts"].count_documents({"segmentAssignments": {"$exists": True}}) == 0


async def test_only_external_segments_are_taken_away(api: Api) -> None:
    await api.happens("ada")
    shoppers = (await created(api, scope="CUSTOMER"))["id"]
    (error,) = await api.errors(UNASSIGN, input={"contactId": ADA, "segmentIds": [shoppers]})
    assert error["extensions"]["field"] == "segmentIds[0]"
    assert "must be an external segment" in error["message"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_who_follows_presence_sees_the_segment_with_the_next_event(api: Api) -> None:
    hot = await external(api, "Hot lead", scope="SESSION")
    await api.happens("ada")
    session_id = await session_of_ada(api)
    async with acknowledged(api.app) as socket:
        await socket.subscribe(f"subscription {{ presence {{ session {{ {ASSIGNED} }} }} }}")
        assert (await socket.told("presence"))["session"]["segmentAssignments"] == []
        await assign(api, hot, sessionId=session_id)
        await api.happens("ada")
        assert names((await socket.told("presence"))["session"]["segmentAssignments"]) == ["Hot lead"]


async def test_contacts_are_listed_by_the_segment_that_they_are_in_now(api: Api) -> None:
    for visitor in ("eve", "bob", "ada"):
        await api.happens(visitor)
    regulars = (await created(api, displayName="Regulars", scope="CUSTOMER", journey={"patterns": [PAGE]}))["id"]
    loyal = await external(api)
    await assign(api, loyal)
    await assign(api, loyal, contactId=to_global_id("Contact", contact_id_of("cookie", "bob")))
    await api.happens("eve")
    shown = "segmentAssignments { segment { id } }"
    document = f"query ($filter: ContactFilter) {{ contacts(filter: $filter) {{ nodes {{ {shown} }} }} }}"

    async def found(segment_id: str) -> int:
        nodes = (await api.ask(document, filter={"segmentId": segment_id}))["contacts"]["nodes"]
        assert all(one["segment"]["id"] == segment_id for node in nodes for one in node["segmentAssignments"])
        return len(nodes)

    assert (await found(loyal), await found(regulars)) == (2, 1)
    over = {"segmentAssignments.0.expiresDate": api.started - timedelta(days=1)}
    await api.database["contacts"].update_one({"_id": contact_id_of("cookie", "bob")}, {"$set": over})
    await unassign(api, loyal)
    assert (await found(loyal), await found(regulars)) == (0, 1)
    (error,) = await api.errors(document, filter={"segmentId": loyal, "kind": ["CURATED"]})
    assert error["extensions"]["field"] == "segmentId"
