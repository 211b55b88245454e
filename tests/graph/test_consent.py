"""The consent that calls tell, as the contact shows it."""

from datetime import timedelta

import pytest

from gateway.graph.scalars import written
from tests.graph.conftest import Api

CONSENT = '{ contactByIdentifier(type: COOKIE, value: "ada") { consent { state date } } }'


async def tells(api: Api, state: str, ago: float, sent_ago: float) -> None:
    """Have Ada's browser send a call that tells of a decision made so many seconds ago."""
    date = (api.started - timedelta(seconds=ago)).isoformat()
    await api.happens("ada", ago=sent_ago, context={"consent": {"state": state, "date": date}})


async def test_nobody_has_decided_until_a_call_says_so(api: Api) -> None:
    await api.happens("ada", ago=5)
    assert (await api.ask(CONSENT))["contactByIdentifier"] == {"consent": None}


@pytest.mark.parametrize(
    ("calls", "state", "ago"),
    [
        pytest.param([("granted", 60, 50)], "GRANTED", 60, id="with the first event"),
        pytest.param([("granted", 60, 50), ("denied", 20, 10)], "DENIED", 20, id="withdrawn within a session"),
        pytest.param([("denied", 20, 10), ("granted", 60, 5)], "DENIED", 20, id="the older one arrives last"),
        pytest.param([("granted", 9_000, 8_000), ("granted", 9_000, 5)], "GRANTED", 9_000, id="repeated a visit later"),
        pytest.param([("denied", 9_000, 8_000), ("granted", 10, 5)], "GRANTED", 10, id="given at the next visit"),
    ],
)
async def test_a_contact_keeps_the_newest_decision_and_its_date(
    api: Api, calls: list[tuple[str, float, float]], state: str, ago: float
) -> None:
    await api.happens("ada", ago=calls[0][2] + 1)
    for call in calls:
        await tells(api, *call)
    consent = (await api.ask(CONSENT))["contactByIdentifier"]["consent"]
    assert consent == {"state": state, "date": written(api.started - timedelta(seconds=ago))}
