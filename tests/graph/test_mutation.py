import asyncio

import pytest

from gateway.graph.node import to_global_id
from tests.graph.conftest import Api

CREATE = """mutation($input: CreateOutcomeInput!) { createOutcome(input: $input) { outcome {
    id displayName description isActive isPositive eventName version model { kind sessionCount } } } }"""
UPDATE = """mutation($input: UpdateOutcomeInput!) { updateOutcome(input: $input) { outcome {
    displayName description isActive isPositive version } } }"""
ORDER = {"displayName": "Order", "eventName": "order_completed"}
OUTCOME_ID = to_global_id("Outcome", "none")


async def created(api: Api, **wanted: object) -> str:
    outcome_id: str = (await api.ask(CREATE, input={**ORDER, **wanted}))["createOutcome"]["outcome"]["id"]
    return outcome_id


async def test_an_outcome_is_defined_learned_and_predicted_from_the_next_event_on(api: Api) -> None:
    outcome = (await api.ask(CREATE, input={**ORDER, "description": "It pays."}))["createOutcome"]["outcome"]
    assert outcome["model"] == {"kind": "BASE_RATE", "sessionCount": 0}
    assert (outcome["isActive"], outcome["isPositive"], outcome["version"]) == (True, True, 1)
    assert outcome["description"] == "It pays."
    await api.happens("v")
    (session,) = (await api.ask("{ sessions { nodes { predictions { outcome { id } } } } }"))["sessions"]["nodes"]
    assert session == {"predictions": [{"outcome": {"id": outcome["id"]}}]}


async def test_an_outcome_is_changed_where_a_change_is_given_and_counted_up(api: Api) -> None:
    outcome_id = await created(api, description="It pays.")
    changed = (await api.ask(UPDATE, input={"id": outcome_id, "displayName": " Sale "}))["updateOutcome"]["outcome"]
    assert changed == {
        "displayName": "Sale",
        "description": "It pays.",
        "isActive": True,
        "isPositive": True,
        "version": 2,
    }
    off = (await api.ask(UPDATE, input={"id": outcome_id, "isActive": False}))["updateOutcome"]["outcome"]
    assert (off["isActive"], off["version"]) == (False, 3)


async def test_an_inactive_outcome_is_neither_reached_nor_predicted(api: Api) -> None:
    outcome_id = await created(api)
    await api.ask(UPDATE, input={"id": outcome_id, "isActive": False})
    await api.happens("v", "track", event="Order Completed")
    document = "{ sessions { nodes { predictions { probability } outcomeAchievements { achievedDate } } } }"
    assert (await api.ask(document))["sessions"]["nodes"] == [{"predictions": [], "outcomeAchievements": []}]


async def test_several_outcomes_can_be_defined_at_once(api: Api) -> None:
    await asyncio.gather(*(created(api, displayName=f"Outcome {n}") for n in range(5)))
    assert len((await api.ask("{ outcomes { id } }"))["outcomes"]) == 5


@pytest.mark.parametrize(
    ("document", "given", "code", "field"),
    [
        pytest.param(CREATE, {**ORDER, "displayName": " "}, "BAD_USER_INPUT", "displayName", id="no name"),
        pytest.param(
            CREATE, {**ORDER, "displayName": "x" * 201}, "BAD_USER_INPUT", "displayName", id="a name too long"
        ),
        pytest.param(CREATE, {**ORDER, "eventName": "!"}, "BAD_USER_INPUT", "eventName", id="no event name"),
        pytest.param(CREATE, {**ORDER, "eventName": ""}, "BAD_USER_INPUT", "eventName", id="an empty event name"),
        pytest.param(CREATE, {**ORDER, "description": "x" * 2001}, "BAD_USER_INPUT", "description", id="a novel"),
        pytest.param(CREATE, {**ORDER, "displayName": "Taken"}, "NAME_TAKEN", None, id="a name that is taken"),
        pytest.param(CREATE, {"displayName": "x"}, "BAD_USER_INPUT", "eventName", id="without the event"),
        pytest.param(UPDATE, {"id": OUTCOME_ID}, "BAD_USER_INPUT", "input", id="a change of nothing"),
        pytest.param(UPDATE, {"id": OUTCOME_ID, "isActive": True}, "NOT_FOUND", "id", id="no such outcome"),
        pytest.param(
            UPDATE, {"id": to_global_id("Session", "s"), "isActive": True}, "BAD_USER_INPUT", "id", id="a session"
        ),
        pytest.param(UPDATE, {"id": "x", "isActive": True}, "BAD_USER_INPUT", "id", id="no id"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api: Api, document: str, given: dict[str, object], code: str, field: str | None
) -> None:
    await created(api, displayName="Taken")
    (error,) = await api.errors(document, input=given)
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)
    assert len((await api.ask("{ outcomes { id } }"))["outcomes"]) == 1


async def test_an_outcome_cannot_be_renamed_to_the_name_of_another(api: Api) -> None:
    await created(api, displayName="Taken")
    (error,) = await api.errors(UPDATE, input={"id": await created(api), "displayName": "Taken"})
    assert error["extensions"]["code"] == "NAME_TAKEN"
    assert "'Taken'" in error["message"]
