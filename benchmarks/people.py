"""Synthetic people to search for: skewed names, mailboxes that everybody has, numbers of one country."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, product

from gateway.journey.ids import derive_id
from gateway.storage.contact_search_keys import search_fields
from gateway.storage.database import Row

FIRST_NAMES = (
    "James",
    "Mary",
    "John",
    "Patricia",
    "Robert",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Zoë",
    "José",
    "Anna",
    "Aïsha",
    "Søren",
    "Łukasz",
    "Jiří",
)
LAST_NAMES = (
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "García",
    "Miller",
    "Davis",
    "Müller",
    "Nguyen",
    "Kim",
    "Ivanov",
    "O'Brien",
    "Çelik",
)
DOMAINS = ("gmail.com", "outlook.com", "yahoo.com", "web.de", "acme.example", "shop.example")
DOMAIN_WEIGHTS = (45, 15, 10, 8, 1, 1)
EVERYBODYS_CITY, OTHER_CITIES = "Springfield", ("Zürich", "Leeds", "Porto", "Lyon", "Graz", "Oslo")
ONE_TITLE, OTHER_TITLES = "Engineer", ("Nurse", "Teacher", "Clerk", "Baker", "Judge", "Pilot")
TOGETHER = frozenset({17, 170_017, 930_017})
"""Numbers of those who have both a city and a title that one in ten has, and nobody else has together."""
NEWEST = datetime(2026, 5, 1, 12, tzinfo=UTC)
_SYLLABLES = ("ka", "lo", "mi", "ren", "sa", "tor", "vel", "wi", "zan", "ber", "del", "fi", "gra", "hol", "ne", "po")
_NAMES_IN_THE_TAIL = 3_000


def people(numbers: range) -> Iterator[Row]:
    """Yield the rows of known contacts, as storage writes them, the same for the same numbers."""
    for number in numbers:
        row = _person(number, random.Random(number))
        yield row | search_fields(row["type"], row)


def _person(number: int, dice: random.Random) -> Row:
    first, last = _drawn(FIRST_NAMES, dice), _drawn(LAST_NAMES, dice)
    local = f"{first}.{last}{number % 1_000}" if dice.random() < 0.8 else f"info{number % 7}"  # noqa: PLR2004 - most
    domain = dice.choices(DOMAINS, DOMAIN_WEIGHTS)[0]
    created = NEWEST - timedelta(seconds=37 * number)
    told = [
        ("Cookie", derive_id("cookie", str(number))),
        ("Email", f"{local}@{domain}".casefold()),
        ("ExternalId", f"C-{number:08d}"),
        *([("Phone", f"+4179{dice.randrange(10_000_000):07d}")] if number % 5 else []),
    ]
    return {
        "_id": derive_id("person", str(number)),
        "type": "CURATED" if number % 10 < 3 else "IDENTIFIED",  # noqa: PLR2004 - three of ten
        "firstName": first,
        "lastName": last,
        **_position(number),
        "identifiers": [
            {"type": type_, "value": value, "verified": False, "createdDate": created} for type_, value in told
        ],
        "sessionCount": 1,
        "createdDate": created,
        "modifiedDate": created,
        "lastSeenDate": created + timedelta(days=number % 40),
    }


def _position(number: int) -> Row:
    city = EVERYBODYS_CITY if number % 10 == 0 or number in TOGETHER else OTHER_CITIES[number % len(OTHER_CITIES)]
    title = ONE_TITLE if number % 10 == 5 or number in TOGETHER else OTHER_TITLES[number % len(OTHER_TITLES)]  # noqa: PLR2004
    return {"title": title, "address": {"city": city, "postalCode": str(1_000 + number % 9_000)}}


def _drawn(common: tuple[str, ...], dice: random.Random) -> str:
    """Draw a name: the first of the common ones one time in ten, each further one more rarely, then a long tail."""
    names, weights = _with_tail(common)
    return dice.choices(names, cum_weights=weights)[0]


@cache
def _with_tail(common: tuple[str, ...]) -> tuple[list[str], list[float]]:
    tail = ["".join(parts).title() for parts in product(_SYLLABLES, repeat=3)][:_NAMES_IN_THE_TAIL]
    weights = [0.1 / (1 + place) for place in range(len(common))]
    rest = 1 - sum(weights)
    shares = [1 / (20 + place) for place in range(len(tail))]
    return [*common, *tail], list(accumulate([*weights, *(rest * share / sum(shares) for share in shares)]))
