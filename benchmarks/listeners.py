"""Subscribers of `presence` that read how old each message is: `python -m benchmarks.listeners PORT NUMBER FOLLOWED`.

FOLLOWED says whom they follow: `all`, or `one` for a visitor each. It prints a line once all have subscribed, measures
until its input ends, and prints one line of JSON. The moment in which an event was sent stands in its page's title.
"""

import asyncio
import json
import re
import sys
import time
from array import array

import uvloop

from benchmarks.light_socket import LightSocket, subscribe
from benchmarks.presence_query import PRESENCE
from benchmarks.traffic import STAMP
from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of

_STAMP = re.compile(rb'"' + STAMP.encode() + rb'(\d+)"')
_CALM_SECONDS = 1.0


class Ages:
    """How old messages were when they came, in milliseconds."""

    def __init__(self) -> None:
        self.milliseconds = array("d")

    def heard(self, message: bytes) -> None:
        """Note a message."""
        stamp = _STAMP.search(message)
        if stamp is not None:
            self.milliseconds.append((time.monotonic_ns() - int(stamp[1])) / 1e6)

    def told(self, sockets: list[LightSocket]) -> dict[str, object]:
        """Return what is printed."""
        ordered = sorted(self.milliseconds)
        quantile = {
            name: ordered[int(share * len(ordered))] for name, share in (("p50", 0.5), ("p99", 0.99)) if ordered
        }
        return {"messages": len(ordered), "failed": sum(socket.failed is not None for socket in sockets), **quantile}


async def main() -> None:
    """Listen until the input ends."""
    port, number, followed = sys.argv[1:]
    ages = Ages()
    made = [subscribe(int(port), PRESENCE, _variables(followed, each), ages.heard) for each in range(int(number))]
    sockets = list(await asyncio.gather(*made))
    await asyncio.sleep(_CALM_SECONDS)  # each subscription has been asked for; nobody tells when the last one listens
    print("subscribed", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    ages.milliseconds = array("d")
    print("measuring", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(ages.told(sockets)), flush=True)


def _variables(followed: str, each: int) -> dict[str, object]:
    if followed == "all":
        return {}
    return {"filter": {"contactId": to_global_id("Contact", contact_id_of("cookie", f"visitor-{each}"))}}


if __name__ == "__main__":
    uvloop.run(main())
