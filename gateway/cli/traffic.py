"""Made-up traffic for the demo shop: seeded visits, and a sender that plays them in real time.

The visits are plausible rather than true: people arrive from somewhere, look around, search, think, and a few buy.
"""

import asyncio
import heapq
import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

import httpx
from rich.console import Console

SHOP = "http://127.0.0.1:8000/demo/"
NAME = "Hazel & Harbour"
ORDER_SHARE = 0.08  # of all visits; a usual share for a shop is 2 to 5 %, a little more makes the demo lively
RETURN_SHARE = 0.25
SIGN_IN_SHARE = 0.15
MEAN_THINK_SECONDS = 14.0
LONGEST_PAUSE_SECONDS = 10.0

# Prices in euro, as in examples/shop/js/catalogue.js.
PRODUCTS: Mapping[str, tuple[str, float]] = {
    "enamel-mug": ("Kitchen", 14),
    "stoneware-teapot": ("Kitchen", 48),
    "olive-board": ("Kitchen", 26),
    "reading-lamp": ("Light", 89),
    "paper-lantern": ("Light", 34),
    "beeswax-candle": ("Light", 18),
    "wool-blanket": ("Living", 120),
    "canvas-tote": ("Living", 22),
    "walnut-stool": ("Living", 145),
    "wall-clock": ("Living", 64),
    "clay-planter": ("Garden", 29),
    "watering-can": ("Garden", 39),
}
SEARCHES = ("lamp", "kitchen", "wool", "garden", "gift", "mug", "clock", "blanket", "tea", "candle")
FIRST_NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Tim", "Hedy", "Linus")

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0"
USER_AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Safari/537.36 Edg/138.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605.1.15",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {WEBKIT} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {WEBKIT} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {BLINK} Mobile Safari/537.36",
)

# locale, time zone, and the place as in context.location of the Segment specification
PLACES: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("de-DE", "Europe/Berlin", {"country": "DE", "city": "Berlin", "latitude": 52.52, "longitude": 13.41}),
    ("de-DE", "Europe/Berlin", {"country": "DE", "city": "Hamburg", "latitude": 53.55, "longitude": 9.99}),
    ("de-AT", "Europe/Vienna", {"country": "AT", "city": "Vienna", "latitude": 48.21, "longitude": 16.37}),
    ("fr-FR", "Europe/Paris", {"country": "FR", "city": "Lyon", "latitude": 45.76, "longitude": 4.84}),
    ("en-GB", "Europe/London", {"country": "GB", "city": "Leeds", "latitude": 53.8, "longitude": -1.55}),
    ("en-US", "America/Chicago", {"country": "US", "city": "Chicago", "latitude": 41.88, "longitude": -87.63}),
    ("sv-SE", "Europe/Stockholm", {"country": "SE", "city": "Uppsala", "latitude": 59.86, "longitude": 17.64}),
    ("nl-NL", "Europe/Amsterdam", {"country": "NL", "city": "Utrecht", "latitude": 52.09, "longitude": 5.12}),
    ("ja-JP", "Asia/Tokyo", {"country": "JP", "city": "Osaka", "latitude": 34.69, "longitude": 135.5}),
)

# referrer, and campaign as in context.campaign
SOURCES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("", {}),
    ("https://www.google.com/", {}),
    ("https://duckduckgo.com/", {}),
    ("https://www.google.com/", {"source": "google", "medium": "cpc", "name": "autumn-lights", "term": "reading lamp"}),
    ("https://www.instagram.com/", {"source": "instagram", "medium": "social", "name": "slow-mornings"}),
    ("https://www.pinterest.com/", {}),
    ("", {"source": "newsletter", "medium": "email", "name": "october"}),
    ("https://craftnotes.example/best-teapots", {}),
)
UTM = {"source": "utm_source", "medium": "utm_medium", "name": "utm_campaign", "term": "utm_term"}
SOURCE_WEIGHTS = (30, 25, 6, 10, 10, 5, 9, 5)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Segment HTTP API, and when it is due: seconds after the start of the traffic."""

    due: float
    body: Mapping[str, object]


def visits(seed: int, start: datetime, *, visitors_at_once: int = 12, shop: str = SHOP) -> Iterator[Call]:
    """Yield calls without end, ordered by due time; the same arguments give the same calls.

    About `visitors_at_once` visits go on at each moment. `start` (aware) is the moment of offset zero: timestamps and
    message ids are made from it, so that a later run with the same seed is new traffic, by the same people.
    """
    rng = random.Random(seed)  # noqa: S311 -- made-up people need no cryptographic randomness
    people: list[_Person] = []
    numbers = itertools.count()
    # Slots of the shop: one visit after the other in each. The heap holds (due, slot, the visit's next call, the rest).
    heap = [(rng.uniform(0, 2 * MEAN_THINK_SECONDS), slot) for slot in range(visitors_at_once)]
    running = {slot: _visit(rng, _who(rng, people), shop) for _, slot in heap}
    heapq.heapify(heap)
    while True:
        due, slot = heapq.heappop(heap)
        step = next(running[slot], None)
        if step is None:
            running[slot] = _visit(rng, _who(rng, people), shop)
            heapq.heappush(heap, (due + rng.expovariate(1 / MEAN_THINK_SECONDS), slot))
            continue
        pause, body = step
        yield Call(due, _stamp(body, start, due, next(numbers)))
        heapq.heappush(heap, (due + pause, slot))


async def send_traffic(
    url: str, write_key: str, seed: int, visitors_at_once: int, *, console: Console | None = None
) -> None:
    """Play the visits against `POST {url}/v1/batch` in real time, until cancelled; one status line tells how it goes.

    A server that is away or busy is tried again: message ids make that safe.

    Raises:
        httpx.HTTPStatusError: the server refuses the calls for good, as for an unknown write key.
    """
    calls = visits(seed, datetime.now(UTC), visitors_at_once=visitors_at_once, shop=f"{url}/demo/")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    sent = 0
    async with httpx.AsyncClient(base_url=url, auth=(write_key, ""), timeout=10) as client:
        with (console or Console()).status("Made-up visitors are on their way ...") as status:
            for call in calls:
                await asyncio.sleep(max(0.0, begun + call.due - loop.time()))
                await _deliver(client, [call.body])
                sent += 1
                status.update(f"Made-up visitors: about {visitors_at_once} at once, {sent:,} calls sent. Ctrl-C ends.")


@dataclass(frozen=True, slots=True)
class _Person:
    """Who visits: the same browser in the same place, whenever they come."""

    anonymous_id: str
    user_agent: str
    locale: str
    timezone: str
    location: Mapping[str, object]
    ip_address: str
    first_name: str
    email: str


def _who(rng: random.Random, people: list[_Person]) -> _Person:
    """Return somebody who was here before, or somebody new."""
    if people and rng.random() < RETURN_SHARE:
        return rng.choice(people)
    locale, timezone, location = rng.choice(PLACES)
    first_name = rng.choice(FIRST_NAMES)
    person = _Person(
        anonymous_id=str(UUID(int=rng.getrandbits(128), version=4)),
        user_agent=rng.choice(USER_AGENTS),
        locale=locale,
        timezone=timezone,
        location=location,
        ip_address=f"203.0.113.{rng.randint(1, 254)}",  # reserved for documentation, RFC 5737
        first_name=first_name,
        email=f"{first_name.lower()}.{rng.randint(100, 999)}@shop.example",
    )
    people.append(person)
    return person


def _visit(rng: random.Random, person: _Person, shop: str) -> Iterator[tuple[float, Mapping[str, object]]]:
    """Yield the calls of one visit, each with the pause in seconds after it."""
    browser = _Browser(rng, person, shop)
    buys = rng.random() < ORDER_SHARE
    yield browser.open("", NAME)
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        if rng.random() < 0.4:  # noqa: PLR2004 -- two of five look by searching
            yield from browser.search(rng.choice(SEARCHES))
        yield browser.look_at(rng.choice(list(PRODUCTS)))
    if rng.random() < SIGN_IN_SHARE or buys:
        yield browser.open("account.html", f"Account · {NAME}")
        yield browser.sign_in()
    if not buys and rng.random() > 0.2:  # noqa: PLR2004 -- one of five fills a cart and leaves it
        return
    wanted = rng.sample(list(PRODUCTS), rng.choice((1, 1, 2)))
    for product in wanted:
        yield browser.look_at(product)
        yield browser.add(product)
    yield browser.open("cart.html", f"Cart · {NAME}")
    if buys:
        yield browser.open("order.html", f"Thank you · {NAME}")
        yield browser.order(wanted)


class _Browser:
    """Makes the calls that the tag would make in this person's browser, each with the pause after it."""

    def __init__(self, rng: random.Random, person: _Person, shop: str) -> None:
        self._rng = rng
        self._person = person
        self._shop = shop
        self._referrer, self._campaign = rng.choices(SOURCES, SOURCE_WEIGHTS)[0]
        self._page: dict[str, object] = {}

    def open(self, path: str, title: str) -> tuple[float, Mapping[str, object]]:
        url = self._shop + path
        landing = not self._page
        if landing and self._campaign:
            url += "?" + urlencode({UTM[key]: word for key, word in self._campaign.items()})
        self._page = {"url": url, "title": title, "referrer": self._referrer}
        self._referrer = url
        return self._call(self._think(), type="page", properties=dict(self._page))

    def search(self, words: str) -> Iterator[tuple[float, Mapping[str, object]]]:
        _, page = self.open(f"search.html?q={quote(words)}", f"Search: {words} · {NAME}")
        yield 0.1, page
        yield self._track("search_performed", {"query": words})

    def look_at(self, product: str) -> tuple[float, Mapping[str, object]]:
        return self.open(f"product.html?id={product}", f"{_title(product)} · {NAME}")

    def add(self, product: str) -> tuple[float, Mapping[str, object]]:
        return self._track("Product Added", _line(product))

    def order(self, products: Sequence[str]) -> tuple[float, Mapping[str, object]]:
        lines = [_line(product) for product in products]
        revenue = sum(PRODUCTS[product][1] for product in products)
        number = f"HH-{self._rng.getrandbits(32):08X}"
        properties = {"order_id": number, "revenue": revenue, "currency": "EUR", "products": lines}
        return self._track("Order Completed", properties)

    def sign_in(self) -> tuple[float, Mapping[str, object]]:
        person = self._person
        traits = {"email": person.email, "firstName": person.first_name}
        return self._call(self._think(), type="identify", userId=person.email, traits=traits)

    def _track(self, event: str, properties: Mapping[str, object]) -> tuple[float, Mapping[str, object]]:
        return self._call(self._think(), type="track", event=event, properties=properties)

    def _call(self, pause: float, **body: object) -> tuple[float, Mapping[str, object]]:
        person = self._person
        context: dict[str, object] = {
            "page": dict(self._page),
            "userAgent": person.user_agent,
            "locale": person.locale,
            "timezone": person.timezone,
            "location": person.location,
            "ip": person.ip_address,
            "library": {"name": "journey-gateway-traffic", "version": "1"},
        }
        if self._campaign:
            context["campaign"] = self._campaign
        return pause, {"anonymousId": person.anonymous_id, "context": context, **body}

    def _think(self) -> float:
        """Return seconds until the next step: mostly short, sometimes enough to be away, never to end the visit."""
        return min(2.0 + self._rng.lognormvariate(math.log(MEAN_THINK_SECONDS * 0.6), 0.8), 180.0)


def _stamp(body: Mapping[str, object], start: datetime, due: float, number: int) -> Mapping[str, object]:
    timestamp = (start + timedelta(seconds=due)).isoformat(timespec="milliseconds")
    return {"messageId": f"traffic-{start:%Y%m%dT%H%M%S%f}-{number}", "timestamp": timestamp, **body}


def _line(product: str) -> Mapping[str, object]:
    category, price = PRODUCTS[product]
    return {"product_id": product, "name": _title(product), "category": category, "price": price, "quantity": 1}


def _title(product: str) -> str:
    return product.replace("-", " ").capitalize()


async def _deliver(client: httpx.AsyncClient, batch: list[Mapping[str, object]]) -> None:
    for attempt in itertools.count():
        pause = min(0.5 * 2**attempt, LONGEST_PAUSE_SECONDS)
        try:
            response = await client.post("/v1/batch", json={"batch": batch, "sentAt": datetime.now(UTC).isoformat()})
        except httpx.TransportError:
            await asyncio.sleep(pause)
            continue
        if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            await asyncio.sleep(float(response.headers.get("Retry-After", pause)))
            continue
        response.raise_for_status()
        return
