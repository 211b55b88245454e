"""Lines become events of their own time, whatever any clock says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from gateway.cli.call_lines import open_calls
from gateway.cli.import_batches import BATCH_EVENTS, Batch, batches
from snippet.delivery import TimedEvent
from snippet.write_key import WriteKey

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = WriteKey(id="id", key="key", name="site")


def page(changes: Mapping[str, object] = {}) -> dict[str, object]:
    """A call with these changes; what is changed to None is absent."""
    call: dict[str, object] = {
        "type": "page",
        "messageId": "m1",
        "anonymousId": "ada",
        "timestamp": "2015-05-17T10:05:03.456789Z",
    }
    return {name: value for name, value in {**call, **changes}.items() if value is not None}


def read(path: Path, *calls: dict[str, object], after_line: int = 0) -> list[Batch]:
    path.write_bytes(b"\n".join(msgspec.json.encode(call) for call in calls))
    with open_calls(str(path)) as file:
        return list(batches(file, KEY, after_line, NOW))


def only_event(path: Path, call: dict[str, object]) -> TimedEvent:
    [batch] = read(path, call)
    assert not batch.refused
    return batch.events[0].timed


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, datetime(2015, 5, 17, 10, 5, 3, 456000, tzinfo=UTC), id="long ago"),
        pytest.param({"timestamp": "2035-01-01T00:00:00Z"}, datetime(2035, 1, 1, tzinfo=UTC), id="in the future"),
        pytest.param(
            {"sentAt": "2015-05-17T11:00:00Z"}, datetime(2015, 5, 17, 10, 5, 3, 456000, tzinfo=UTC), id="sent"
        ),
        pytest.param({"timestamp": "2015-05-17T12:00:00+02:00"}, datetime(2015, 5, 17, 10, tzinfo=UTC), id="elsewhere"),
    ],
)
def test_an_event_happened_when_its_line_says_so(
    changes: dict[str, object], expected: datetime, tmp_path: Path
) -> None:
    assert only_event(tmp_path / "calls", page(changes)).created_date == expected


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        pytest.param({"timestamp": None}, "unreadable_timestamp", "timestamp is missing", id="no time"),
        pytest.param({"timestamp": "yesterday"}, "unreadable_timestamp", "'yesterday'", id="no date"),
        pytest.param({"timestamp": "1969-12-31T00:00:00Z"}, "unreadable_timestamp", "before 1970", id="too early"),
        pytest.param({"anonymousId": None}, "missing_identity", "anonymousId", id="nobody"),
        pytest.param({"type": "visit"}, "unknown_type", "'visit'", id="no call"),
        pytest.param({"context": {"userAgent": "Googlebot/2.1"}}, "robot", "Googlebot", id="a robot"),
    ],
)
def test_a_refused_line_is_told_with_its_number(
    changes: dict[str, object], reason: str, words: str, tmp_path: Path
) -> None:
    [batch] = read(tmp_path / "calls", page(), page(changes))
    [refused] = batch.refused
    assert (refused.number, refused.reason) == (2, reason)
    assert words in refused.message
    assert len(batch.events) == 1


def test_a_call_without_message_id_has_the_same_one_each_time(tmp_path: Path) -> None:
    first = only_event(tmp_path / "a", page({"messageId": None})).wire.messageId
    again = only_event(tmp_path / "b", page({"messageId": None})).wire.messageId
    other = only_event(tmp_path / "c", page({"messageId": None, "anonymousId": "grace"})).wire.messageId
    assert first.startswith("import-")
    assert first == again != other


def test_batches_go_on_after_a_line_and_tell_where_they_end(tmp_path: Path) -> None:
    calls = [page({"messageId": f"m{number}"}) for number in range(1, 2 * BATCH_EVENTS + 11)]
    pieces = read(tmp_path / "calls", *calls, after_line=5)
    assert [len(piece.events) for piece in pieces] == [BATCH_EVENTS, BATCH_EVENTS, 5]
    assert [piece.line for piece in pieces] == [5 + BATCH_EVENTS, 5 + 2 * BATCH_EVENTS, 10 + 2 * BATCH_EVENTS]
    assert pieces[0].events[0].timed.wire.messageId == "m6"
    assert pieces[-1].position == (tmp_path / "calls").stat().st_size


def test_lanes_keep_the_events_of_a_visitor_together_and_in_order(tmp_path: Path) -> None:
    calls = [page({"messageId": f"m{number}", "anonymousId": f"visitor {number % 17}"}) for number in range(200)]
    [piece] = read(tmp_path / "calls", *calls)
    lanes = piece.lanes()
    assert sorted(event.timed.wire.messageId for lane in lanes for event in lane) == sorted(f"m{n}" for n in range(200))
    visitors = [{event.timed.wire.anonymousId for event in lane} for lane in lanes]
    assert sum(len(lane) for lane in visitors) == len(set().union(*visitors)) == 17
    for lane in lanes:
        numbers = [int(event.timed.wire.messageId[1:]) for event in lane]
        assert numbers == sorted(numbers)
