"""What a token and an address may ask within a minute."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.budget import WRONG_TOKEN, Budgets, LeakyBuckets, network_of
from gateway.settings import Settings


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_minutes_worth_may_come_at_once_and_no_more() -> None:
    buckets = LeakyBuckets(3, Clock())
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a") == pytest.approx(20)


def test_what_is_refused_fits_after_the_seconds_that_were_told() -> None:
    clock = Clock()
    buckets = LeakyBuckets(60, clock)
    buckets.take("a", 60)
    clock.seconds += buckets.take("a", 30)
    assert clock.seconds == pytest.approx(30)
    assert buckets.take("a", 30) == 0.0


def test_each_key_has_a_bucket_of_its_own() -> None:
    buckets = LeakyBuckets(1, Clock())
    assert buckets.take("a") == 0.0
    assert buckets.take("b") == 0.0
    assert buckets.take("a") > 0


def test_what_is_larger_than_the_bucket_needs_an_empty_one() -> None:
    clock = Clock()
    buckets = LeakyBuckets(60, clock)
    assert buckets.take("a", 1_000) == 0.0
    assert buckets.take("a", 1_000) == pytest.approx(60)
    clock.seconds += 60
    assert buckets.take("a", 1_000) == 0.0


def test_what_is_given_back_can_be_taken_again() -> None:
    buckets = LeakyBuckets(100, Clock())
    buckets.take("a", 100)
    buckets.fill("a", -40)
    assert buckets.take("a", 40) == 0.0
    assert buckets.take("a", 1) > 0


def test_nothing_a_minute_is_no_limit() -> None:
    buckets = LeakyBuckets(0, Clock())
    buckets.fill("a", 10)
    assert {buckets.take("a", 10**9) for _ in range(100)} == {0.0}
    assert len(buckets) == 0


def test_the_number_of_buckets_is_bounded_and_who_was_longest_away_is_forgotten() -> None:
    buckets = LeakyBuckets(1, Clock(), max_kept=2)
    for key in ("a", "b", "a", "c"):
        buckets.take(key)
    assert len(buckets) == 2
    assert buckets.take("c") > 0
    assert buckets.take("a") == 0.0


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0.5, 40)), max_size=60))
def test_no_stretch_of_time_lets_more_through_than_a_bucket_and_what_leaks_of_it(
    steps: list[tuple[float, float]],
) -> None:
    clock = Clock()
    buckets = LeakyBuckets(60, clock)
    taken: list[tuple[float, float]] = []
    for pause, amount in steps:
        clock.seconds += pause
        if buckets.take("a", amount) == 0.0:
            taken.append((clock.seconds, amount))
    for start, _ in taken:
        for end, _ in taken:
            through = sum(amount for moment, amount in taken if start <= moment <= end)
            assert through <= 60 + max(end - start, 0) + 0.001


@pytest.mark.parametrize(
    ("address", "network"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="IPv4"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="IPv6: a customer has a whole /64"),
        pytest.param("2001:db8:1:2:ffff::", "2001:db8:1:2::/64", id="another address of the same /64"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="IPv4 in IPv6"),
        pytest.param("no:address", "no:address", id="no address"),
        pytest.param("testclient", "testclient", id="a name"),
    ],
)
def test_addresses_of_one_customer_share_a_bucket(address: str, network: str) -> None:
    assert network_of(address) == network


def budgets(**settings: str) -> Budgets:
    return Budgets.of(Settings.read(settings), Clock())


def test_requests_of_an_address_are_limited_and_a_wrong_token_counts_many() -> None:
    limited = budgets(JOURNEY_ADDRESS_REQUESTS_PER_MINUTE=str(WRONG_TOKEN + 1))
    assert limited.knock("192.0.2.7") == 0.0
    limited.failed("192.0.2.7")
    assert limited.knock("192.0.2.7") > 0
    assert limited.knock("192.0.2.8") == 0.0


def test_behind_a_unix_socket_no_address_is_limited() -> None:
    limited = budgets(JOURNEY_ADDRESS_REQUESTS_PER_MINUTE="1")
    limited.failed(None)
    assert [limited.knock(None) for _ in range(3)] == [0.0] * 3


def test_operations_of_a_token_are_limited() -> None:
    limited = budgets(JOURNEY_REQUESTS_PER_MINUTE="2")
    assert [limited.ask("t") for _ in range(2)] == [0.0, 0.0]
    assert limited.ask("t") == pytest.approx(30)
    assert limited.ask("u") == 0.0
    assert limited.ask(None) == 0.0


def test_the_cost_of_operations_is_limited_by_what_they_cost_in_fact() -> None:
    limited = budgets(JOURNEY_COST_BUDGET="100")
    assert limited.spend("t", 90) == 0.0
    assert limited.spend("t", 90) > 0
    limited.settle("t", 90, 5)
    assert limited.spend("t", 90) == 0.0


def test_what_an_operation_cost_beyond_its_estimate_is_taken_too() -> None:
    limited = budgets(JOURNEY_COST_BUDGET="100")
    limited.spend("t", 10)
    limited.settle("t", 10, 95)
    assert limited.spend("t", 10) > 0
