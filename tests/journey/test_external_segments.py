"""External segments, as another system assigns them: once each, in order, and over all contacts of a customer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.conditions import Conditions
from gateway.journey.errors import InvalidValue
from gateway.journey.external_segments import (
    assigned_by_hand,
    check_told_by_hand,
    end_of,
    unassigned_by_hand,
)
from gateway.journey.segment import Segment, SegmentAssignment, SegmentScope

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
LOYAL = Segment("loyal", "Loyal", 1, Conditions(), SegmentScope.CUSTOMER, is_external=True)


def told(
    segment_id: str, at: datetime = NOON, until: datetime | None = None, by: str | None = None
) -> SegmentAssignment:
    return SegmentAssignment(segment_id, at, by, until)


def all_seen(_: SegmentAssignment) -> bool:
    return True


def test_what_is_new_stands_last_at_the_contact_that_is_named() -> None:
    held = {"a": (told("x"),), "b": (told("y"),)}
    after = assigned_by_hand(held, "a", [told("z", LATER), told("w", LATER)], all_seen)
    assert after == {"a": (told("x"), told("z", LATER), told("w", LATER)), "b": (told("y"),)}


def test_what_is_in_force_ends_anew_wherever_it_is_held() -> None:
    held = {"a": (), "b": (told("x", by="e-1"), told("y"))}
    end = LATER + timedelta(days=1)
    after = assigned_by_hand(held, "a", [told("x", LATER, end)], all_seen)
    assert after == {"a": (), "b": (told("x", NOON, end, "e-1"), told("y"))}


def test_what_has_ended_begins_anew_last() -> None:
    held = {"a": (told("x", until=LATER), told("y"))}
    assert assigned_by_hand(held, "a", [told("x", LATER)], all_seen) == {"a": (told("y"), told("x", LATER))}


def test_what_is_hidden_stays_as_it_is() -> None:
    hidden = told("x")
    held = {"a": (hidden,)}
    assert unassigned_by_hand(held, ["x"], lambda one: one is not hidden) == held
    after = assigned_by_hand(held, "a", [told("x", LATER)], lambda one: one is not hidden)
    assert after == {"a": (hidden, told("x", LATER))}


ASSIGNMENTS = st.builds(
    told, st.sampled_from("xyz"), st.sampled_from((NOON, LATER)), st.none() | st.just(LATER + timedelta(hours=1))
)


@given(st.dictionaries(st.sampled_from("ab"), st.lists(ASSIGNMENTS, max_size=3).map(tuple), min_size=2), ASSIGNMENTS)
def test_what_was_assigned_is_gone_once_it_is_taken_away(
    held: dict[str, tuple[SegmentAssignment, ...]], one: SegmentAssignment
) -> None:
    after = assigned_by_hand(held, "a", [one], all_seen)
    assert sum(other.segment_id == one.segment_id for other in after["a"] + after["b"]) >= 1
    assert assigned_by_hand(after, "a", [one], all_seen) == after
    without = unassigned_by_hand(after, [one.segment_id], all_seen)
    assert without == unassigned_by_hand(held, [one.segment_id], all_seen)
    assert not any(other.segment_id == one.segment_id for listed in without.values() for other in listed)


def test_an_end_is_told_or_follows_from_the_segment() -> None:
    at_most = NOON + timedelta(days=3_650)
    thirty = Segment("s", "S", 1, Conditions(), assignment_expiration_days=30)
    assert end_of(LOYAL, None, NOON, "expiresDate") is None
    assert end_of(thirty, None, NOON, "expiresDate") == NOON + timedelta(days=30)
    assert end_of(thirty, at_most, NOON, "expiresDate") == at_most
    exact = NOON + timedelta(microseconds=1_999)
    assert end_of(LOYAL, exact, NOON, "expiresDate") == NOON + timedelta(milliseconds=1)
    for wrong in (NOON, at_most + timedelta(milliseconds=1)):
        with pytest.raises(InvalidValue, match=r"`expiresDate` is .*, but must be in the future, at most 3,650 days"):
            end_of(LOYAL, wrong, NOON, "expiresDate")


def test_only_what_another_system_tells_is_told_by_hand() -> None:
    check_told_by_hand(LOYAL, SegmentScope.CUSTOMER, "segmentId", "loyal")
    with pytest.raises(InvalidValue, match="`segmentId` is 'x', but must be an external segment: visitors come into"):
        check_told_by_hand(Segment("x", "X", 1, Conditions()), SegmentScope.SESSION, "segmentId", "x")
    with pytest.raises(InvalidValue, match="must be a segment of sessions, told by `sessionId`: 'Loyal' is of custom"):
        check_told_by_hand(LOYAL, SegmentScope.SESSION, "segmentId", "loyal")
