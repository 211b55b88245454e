"""A shop and those who come to it, for measurements in which it matters what visitors do.

Every visitor is of a kind that nobody is told; it shows in what the visitor does, so that there is something to learn.
"""

import json
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.server import WRITE_KEY

SHOPPING = "shopping"
VISITORS = 5_000
PRODUCTS, CATEGORIES, WORDS = 500, 12, 60
SOURCES = ("news", "ads", "partner", "social", "print")
SITES = ("www.google.com", "www.bing.com", "forum.example", "blog.example", "prices.example")
_LOCALES = ("de-CH", "fr-CH", "it-CH", "en-GB")
_AGENTS = tuple(
    f"Mozilla/5.0 ({system}) AppleWebKit/{engine}"
    for system, engine in (
        ("Windows NT 10.0; Win64; x64", "537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"),
        (
            "iPhone; CPU iPhone OS 17_5 like Mac OS X",
            "605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        ),
        ("Linux; Android 14; Pixel 8", "537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"),
    )
)
_SCATTER = 2_654_435_761
"""Knuth's multiplicative hash: neighbouring visitors have nothing in common."""

_CHANCE = random.Random()

Call = dict[str, object]

PAGES: Mapping[str, str] = {
    "home": "/",
    "category": "/category/{category}-things",
    "product": "/product/{product}-item",
    "cart": "/cart",
    "checkout": "/checkout/address",
    "returns": "/service/returns",
    "delivery": "/service/delivery",
    "contact": "/contact",
    "account": "/account",
    "stores": "/stores",
}
"""Path of each kind of page."""
EVENTS = (
    "search_performed",
    "product_added",
    "order_completed",
    "account_created",
    "newsletter_joined",
    "wishlist_added",
    "coupon_used",
    "review_read",
)
"""Names of what is told by other calls than page views."""
INTERESTS: Sequence[tuple[int, Mapping[str, int]]] = (
    (45, {"home": 30, "category": 40, "product": 60, "search_performed": 10, "review_read": 4, "newsletter_joined": 1}),
    (
        25,
        {
            "category": 30,
            "product": 60,
            "search_performed": 20,
            "review_read": 20,
            "wishlist_added": 6,
            "stores": 3,
            "cart": 4,
        },
    ),
    (
        20,
        {
            "product": 40,
            "search_performed": 15,
            "product_added": 14,
            "cart": 16,
            "checkout": 8,
            "order_completed": 4,
            "coupon_used": 4,
            "account_created": 2,
            "delivery": 5,
            "category": 15,
        },
    ),
    (
        10,
        {"home": 15, "returns": 10, "delivery": 10, "contact": 5, "account": 15, "product": 20, "search_performed": 8},
    ),
)
"""How many of a hundred visitors are of a kind, and how often that kind does what: lookers, the thorough, buyers, and
customers with a trouble."""


class Posted(NamedTuple):
    """A request: its path, and its body but for the message id, which comes first."""

    path: str
    rest: str


def call_of(message_id: str, visitor: str, number: int, chance: random.Random) -> Call:
    """Return what the visitor of a number does next, as the tag sends it."""
    scattered = number * _SCATTER % 2**32
    interest = _interest(scattered % 100)
    (does,) = chance.choices(list(interest), list(interest.values()))
    product = chance.randrange(PRODUCTS)
    path = PAGES.get(does, PAGES["product"]).format(category=chance.randrange(CATEGORIES), product=product)
    source = SOURCES[scattered // 100 % (2 * len(SOURCES)) % len(SOURCES)]
    campaign = "" if scattered // 100 % 2 else f"{'&' if '?' in path else '?'}utm_source={source}&utm_medium=cpc"
    call: Call = {
        "type": "page",
        "messageId": message_id,
        "anonymousId": visitor,
        "context": {
            "userAgent": _AGENTS[scattered // 1_000 % len(_AGENTS)],
            "locale": _LOCALES[scattered // 10_000 % len(_LOCALES)],
            "page": {
                "url": f"https://shop.example{path}{campaign}",
                "title": f"Item {product} of the shop" if does == "product" else f"The shop: {does}",
                "referrer": f"https://{SITES[scattered // 100_000 % len(SITES)]}/",
            },
        },
    }
    if does in EVENTS:
        about = {"product": f"p-{product}", "price": 5 + product, "category": f"c-{product % CATEGORIES}"}
        sought = {"query": f"word{chance.randrange(WORDS)}"}
        call |= {"type": "track", "event": does, "properties": sought if does == "search_performed" else about}
    return call


def shopping(prefix: str, number: int) -> bytes:
    """Return the body, as a batch of one, of a call of one of the visitors, who return as they do on a site."""
    visitor = random.randrange(VISITORS)
    call = call_of(f"{prefix}-{number}", f"visitor-{visitor}", visitor, _CHANCE)
    return json.dumps({"writeKey": WRITE_KEY, "batch": [call]}).encode()


def posted(count: int) -> list[Posted]:
    """Return so many requests of the visitors, in the order in which they come."""
    requests = []
    for visitor in (_CHANCE.randrange(VISITORS) for _ in range(count)):
        call = call_of("", f"visitor-{visitor}", visitor, _CHANCE)
        del call["messageId"]
        rest = json.dumps({"writeKey": WRITE_KEY, **call}, separators=(",", ":"))
        requests.append(Posted(f"/v1/{call['type']}", f",{rest[1:]}"))
    return requests


def _interest(rank: int) -> Mapping[str, int]:
    """Return what a visitor does, of whom so many of a hundred are before."""
    for share, interest in INTERESTS:
        if rank < share:
            return interest
        rank -= share
    raise AssertionError("the shares make a hundred")
