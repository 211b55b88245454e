"""How much a token and an address may ask within a minute.

    budgets = Budgets.of(settings)                   # one for each process
    budgets.knock(address)                           # a request or a socket, before anything is looked up
    budgets.failed(address)                          # the token was none of ours
    budgets.ask(token_id)                            # an operation, over HTTP or a socket
    budgets.spend(token_id, estimated)               # before it is executed
    budgets.settle(token_id, estimated, actual)      # afterwards

Each is a leaky bucket: what is taken fills it, a minute's worth leaks out in a minute, what does not fit is refused. So
a whole minute's worth may come at once. The buckets are kept in the process: of several, each allows as much.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from gateway.settings import Settings

MAX_KEPT = 100_000
"""Buckets of one kind that are kept; whoever was longest away is forgotten first, and begins with an empty one."""

WRONG_TOKEN = 100
"""As many requests a wrong token counts: each is looked for in MongoDB."""

NOBODY = ""
"""Whose bucket it is where no token has an id."""


class LeakyBuckets:
    """A bucket for each key, of the same size; 0 a minute is no limit."""

    def __init__(
        self, per_minute: float, clock: Callable[[], float] = time.monotonic, max_kept: int = MAX_KEPT
    ) -> None:
        self._size = float(per_minute)
        self._a_second = per_minute / 60
        self._clock = clock
        self._max_kept = max_kept
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, amount: float = 1) -> float:
        """Take this amount, and return 0.0; or take nothing, and return the seconds after which it would fit.

        What is larger than the bucket fits when the bucket is empty.
        """
        if not self._size:
            return 0.0
        now = self._clock()
        level = self._level(key, now) + min(amount, self._size)
        if level > self._size + _ROUNDING:
            return (level - self._size) / self._a_second
        self._keep(key, level, now)
        return 0.0

    def fill(self, key: str, amount: float) -> None:
        """Take this amount, or as much as there is room for; a negative amount is given back."""
        if self._size:
            now = self._clock()
            self._keep(key, min(max(self._level(key, now) + amount, 0.0), self._size), now)

    def __len__(self) -> int:
        return len(self._levels)

    def _level(self, key: str, now: float) -> float:
        level, then = self._levels.get(key, (0.0, now))
        return max(level - (now - then) * self._a_second, 0.0)

    def _keep(self, key: str, level: float, now: float) -> None:
        self._levels[key] = (level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > self._max_kept:
            self._levels.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Budgets:
    """The budgets of all who ask this process. What returns a number returns 0.0, or the seconds to wait."""

    addresses: LeakyBuckets
    tokens: LeakyBuckets
    costs: LeakyBuckets

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], float] = time.monotonic) -> "Budgets":
        """Return the budgets of these settings, all of them unspent."""
        return cls(
            addresses=LeakyBuckets(settings.address_requests_per_minute, clock),
            tokens=LeakyBuckets(settings.requests_per_minute, clock),
            costs=LeakyBuckets(settings.cost_budget, clock),
        )

    def knock(self, address: str | None) -> float:
        """Count a request or a socket from this address; where there is none, behind a Unix socket, nothing counts."""
        return 0.0 if address is None else self.addresses.take(network_of(address))

    def failed(self, address: str | None) -> None:
        """Count a wrong token from this address."""
        if address is not None:
            self.addresses.fill(network_of(address), WRONG_TOKEN)

    def ask(self, token_id: str | None) -> float:
        """Count an operation of this token."""
        return self.tokens.take(token_id or NOBODY)

    def spend(self, token_id: str | None, cost: float) -> float:
        """Take the estimated cost of an operation from the budget of this token."""
        return self.costs.take(token_id or NOBODY, cost)

    def settle(self, token_id: str | None, estimated: float, actual: float) -> None:
        """Give back what an operation did not cost after all, or take what it cost beyond its estimate."""
        if actual != estimated:
            self.costs.fill(token_id or NOBODY, actual - estimated)


def network_of(address: str) -> str:
    """Return what stands for a customer of an Internet provider: an IPv4 address, or the /64 that has all of IPv6."""
    if ":" not in address:
        return address
    try:
        sixth = IPv6Address(address)
    except ValueError:
        return address
    if sixth.ipv4_mapped:
        return str(sixth.ipv4_mapped)
    return str(IPv6Network((int(sixth) >> 64 << 64, 64)))


_ROUNDING = 1e-6
