"""What senders send. batches.lua and single.lua write the same for wrk, and posted.lua what is prepared for it."""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks.server import WRITE_KEY
from benchmarks.shop import SHOPPING, Call, shopping

VISITORS = 5_000
FEW_VISITORS = 100
CUSTOMERS = 200_000
"""Known customers of a back end, or stored visitors of a site."""
BATCH = 50
PRODUCTS = 500
IDENTIFY_EVERY = 10
SECONDS_BETWEEN_PAGES = 10
STAMP = "at "
"""What the title of a stamped page begins with; nanoseconds of the machine's monotonic clock follow."""
USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


def page_call(message_id: str, visitor: str, title: str = "A product") -> Call:
    """Return a page view as the tag sends it."""
    return {
        "type": "page",
        "messageId": message_id,
        "anonymousId": visitor,
        "context": {
            "userAgent": USER_AGENT,
            "locale": "de-CH",
            "page": {
                "url": f"https://shop.example/product/{random.randrange(PRODUCTS)}?utm_source=news",
                "title": title,
                "referrer": "https://www.google.com/",
            },
        },
    }


def single(prefix: str, number: int) -> bytes:
    """Return the body of one page view of one of the visitors."""
    return _body(page_call(f"{prefix}-{number}", f"visitor-{random.randrange(VISITORS)}"))


def stamped(prefix: str, number: int, visitors: int = VISITORS) -> bytes:
    """Return the same with the moment in which it was made, in the title; the visitors take turns."""
    title = f"{STAMP}{time.monotonic_ns()}"
    return _body(page_call(f"{prefix}-{number}", f"visitor-{number % visitors}", title))


def stamped_of_few(prefix: str, number: int) -> bytes:
    """Return the same of one of a hundred busy visitors."""
    return stamped(prefix, number, FEW_VISITORS)


def identifying(prefix: str, number: int) -> bytes:
    """Return a page view, or one time in ten an identify: two visitors each tell the same e-mail address."""
    visitor = random.randrange(VISITORS)
    call = page_call(f"{prefix}-{number}", f"visitor-{visitor}")
    if number % IDENTIFY_EVERY == 0:
        call |= {"type": "identify", "traits": {"email": f"person-{visitor // 2}@mail.example"}}
    return _body({"batch": [call]})


def offline_batch(prefix: str, number: int) -> bytes:
    """Return what one visitor's tag or app has kept while it was offline: 50 page views, ten seconds apart."""
    now = datetime.now(UTC)
    calls = []
    for place in range(BATCH):
        happened = now - timedelta(seconds=(BATCH - place) * SECONDS_BETWEEN_PAGES)
        call = page_call(f"{prefix}-{number}-{place}", f"visitor-{prefix}-{number}")
        calls.append({**call, "timestamp": happened.isoformat()})
    return _body({"batch": calls, "sentAt": now.isoformat()})


def back_end_batch(prefix: str, number: int) -> bytes:
    """Return what a shop's back end sends together: 50 calls about 50 customers."""
    calls = []
    for place in range(BATCH):
        called = {"messageId": f"{prefix}-{number}-{place}", "userId": f"customer-{random.randrange(CUSTOMERS)}"}
        properties = {"orderId": f"{prefix}-{number}-{place}", "total": 49.9, "currency": "CHF"}
        calls.append({**called, "type": "track", "event": "Order Completed", "properties": properties})
    return _body({"batch": calls})


def _body(call: Call) -> bytes:
    return json.dumps({"writeKey": WRITE_KEY, **call}).encode()


BODIES: dict[str, tuple[str, Callable[[str, int], bytes]]] = {
    "single": ("/v1/page", single),
    "stamped": ("/v1/page", stamped),
    "stamped_of_few": ("/v1/page", stamped_of_few),
    "identifying": ("/v1/batch", identifying),
    "offline": ("/v1/batch", offline_batch),
    "back_end": ("/v1/batch", back_end_batch),
    SHOPPING: ("/v1/batch", shopping),
}
"""Path and body of each kind of request, by its name."""
