"""How much of everything a run measures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of a run; seconds are of wall-clock time."""

    name: str
    warm_up_seconds: int
    seconds: int
    rounds: int
    documents_alone: int
    stored_events: int
    stored_visitors: int
    memory_events: int
    memory_seconds: int
    live_seconds: int
    subscribers: int
    fan_out_rounds: int
    timers: int
    slow_events: int
    race_rounds: int
    searched_contacts: int
    searches: int


FULL = Scale(
    name="full",
    warm_up_seconds=5,
    seconds=10,
    rounds=3,
    documents_alone=150_000,
    stored_events=2_000_000,
    stored_visitors=200_000,
    memory_events=1_000_000,
    memory_seconds=600,
    live_seconds=15,
    subscribers=1_000,
    fan_out_rounds=20,
    timers=100_000,
    slow_events=200,
    race_rounds=1_000,
    searched_contacts=1_000_000,
    searches=200,
)
"""What RESULTS.md holds."""

QUICK = Scale(
    name="quick",
    warm_up_seconds=1,
    seconds=2,
    rounds=1,
    documents_alone=10_000,
    stored_events=20_000,
    stored_visitors=2_000,
    memory_events=20_000,
    memory_seconds=30,
    live_seconds=3,
    subscribers=200,
    fan_out_rounds=5,
    timers=100_000,
    slow_events=20,
    race_rounds=50,
    searched_contacts=20_000,
    searches=20,
)
"""Whether everything runs; the figures mean little."""
