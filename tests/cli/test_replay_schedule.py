"""Calls are due again in their rhythm of then, divided by the speed."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from gateway.cli.call_lines import Line
from gateway.cli.replay_schedule import DueCall, schedule
from snippet.refusal import Refusal

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def lines(*calls: object) -> list[Line]:
    return [Line(number, msgspec.json.encode(call)) for number, call in enumerate(calls, start=1)]


def due(calls: Sequence[object], speed: float = 1.0, start: datetime = START) -> list[tuple[float, dict[str, object]]]:
    found = schedule(lines(*calls), start, speed)
    return [(call.seconds, msgspec.json.decode(call.body)) for call in found if isinstance(call, DueCall)]


def at(time: str, **more: object) -> dict[str, object]:
    return {"type": "page", "messageId": "m", "anonymousId": "ada", "timestamp": f"2015-05-17T{time}Z", **more}


@pytest.mark.parametrize(
    ("speed", "seconds", "timestamps"),
    [
        pytest.param(1.0, [0, 30, 90], ["12:00:00", "12:00:30", "12:01:30"], id="as it was"),
        pytest.param(30.0, [0, 1, 3], ["12:00:00", "12:00:01", "12:00:03"], id="thirty times as fast"),
        pytest.param(0.5, [0, 60, 180], ["12:00:00", "12:01:00", "12:03:00"], id="slower"),
    ],
)
def test_the_rhythm_is_kept(speed: float, seconds: list[float], timestamps: list[str]) -> None:
    found = due([at("23:59:00"), at("23:59:30"), at("23:59:59", timestamp="2015-05-18T00:00:30Z")], speed)
    assert [moment for moment, _ in found] == seconds
    assert [str(call["timestamp"])[11:19] for _, call in found] == timestamps


def test_visitors_keep_their_ids_and_messages_get_new_ones_in_every_run() -> None:
    calls = [at("10:00:00"), at("10:00:01")]
    first = [call for _, call in due(calls)]
    again = [call for _, call in due(calls)]
    later = [call for _, call in due(calls, start=START.replace(hour=13))]
    assert {call["anonymousId"] for call in first} == {"ada"}
    assert len({call["messageId"] for call in first + again + later} - {"m"}) == 4
    assert first == again


def test_what_the_sender_said_of_its_clock_is_dropped() -> None:
    [(_, call)] = due([at("10:00:00", sentAt="2015-05-17T10:00:09Z", properties={"sentAt": "kept"})])
    assert "sentAt" not in call
    assert call["properties"] == {"sentAt": "kept"}


def test_a_call_out_of_order_or_without_time_goes_with_the_one_before() -> None:
    untimed = {"type": "page", "anonymousId": "ada"}
    calls = [at("10:00:00"), at("10:00:10"), at("10:00:05"), untimed, at("10:00:11", timestamp="soon"), at("10:00:12")]
    assert [seconds for seconds, _ in due(calls)] == [0, 10, 10, 10, 10, 12]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(b"no json", Refusal.UNREADABLE_EVENT, id="no JSON"),
        pytest.param(b"[1]", Refusal.UNREADABLE_EVENT, id="no object"),
        pytest.param(b'{"a": "' + b"x" * 33_000 + b'"}', Refusal.EVENT_TOO_LARGE, id="too large"),
        pytest.param(b"[" * 30_000, Refusal.UNREADABLE_EVENT, id="nested too deeply"),
    ],
)
def test_a_line_that_cannot_be_sent_is_told(text: bytes, reason: Refusal) -> None:
    assert list(schedule([Line(1, text)], START, 1.0)) == [reason]
