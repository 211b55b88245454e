"""External organizations, the companies that customers belong to: what their fields can be, by what they are found."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from gateway.journey.address import address
from gateway.journey.field_limits import Check, amount, count, custom_fields, list_of, record_of, text, web_address
from gateway.journey.ids import derive_id
from gateway.journey.record import changed_fields, new_record

MAX_NAME = 1000
MAX_LABEL = 255
"""Characters of what model and products leave open: type, industry, telephone numbers, tags."""
MAX_EXTERNAL_ID = 255
MAX_EXTERNAL_IDS = 10
MAX_ENTRIES = 50
MAX_SORTED = 200
"""Characters of a name that decide its place in a list; an index entry must stay small."""
MAX_SEARCHED_WORDS = 12
MAX_SEARCHED_CHARACTERS = 20
_SURE = ("name",)
_WORD = re.compile(r"\w+")

ORGANIZATION_FIELDS: Mapping[str, Check] = {
    "name": text(MAX_NAME),
    "companyType": text(MAX_LABEL),
    "industry": text(MAX_LABEL),
    "address": address,
    "phoneNumber": text(MAX_LABEL),
    "faxNumber": text(MAX_LABEL),
    "employeeCount": count,
    "revenue": amount,
    "tags": list_of(text(MAX_LABEL), MAX_ENTRIES),
    "websites": list_of(web_address, MAX_ENTRIES),
    "tickers": list_of(record_of({"symbol": text(MAX_LABEL), "exchange": text(MAX_LABEL)}, {}), MAX_ENTRIES),
    "twitterId": text(MAX_LABEL),
    "externalSystemUrl": web_address,
    "externalIds": list_of(
        record_of({"externalSourceId": text(MAX_LABEL), "value": text(MAX_EXTERNAL_ID)}, {}), MAX_EXTERNAL_IDS
    ),
    "customFields": custom_fields,
}
"""The fields of an organization, and the check of each."""


def new_organization(told: Mapping[str, object], nonce: str, now: datetime) -> dict[str, object]:
    """Return a new organization as it is kept; `nonce` tells apart those of the same name.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    fields = new_record(ORGANIZATION_FIELDS, _SURE, told)
    return {
        "id": derive_id("organization", nonce),
        **fields,
        **_place(str(fields["name"])),
        "createdDate": now,
        "modifiedDate": now,
    }


def changed_organization(told: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return the fields of an organization that change; None takes one away.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    fields = changed_fields(ORGANIZATION_FIELDS, _SURE, told)
    place = _place(str(fields["name"])) if "name" in fields else {}
    return {**fields, **place, "modifiedDate": now}


def searched_words(search: str) -> list[str]:
    """Return the words to look for, as they stand among the search keys; the longest, which few have, first."""
    words = {word[:MAX_SEARCHED_CHARACTERS] for word in _words(search)}
    return sorted(words, key=lambda word: (-len(word), word))[:MAX_SEARCHED_WORDS]


def _place(name: str) -> dict[str, object]:
    keys = {
        word[:length]
        for word in dict.fromkeys(_words(name)[:MAX_SEARCHED_WORDS])
        for length in range(1, min(len(word), MAX_SEARCHED_CHARACTERS) + 1)
    }
    return {"sortName": _folded(name)[:MAX_SORTED], "searchKeys": sorted(keys)}


def _words(told: str) -> list[str]:
    return _WORD.findall(_folded(told))


def _folded(told: str) -> str:
    """Return the text without case and accents: Zürich and ZURICH are found by either."""
    apart = unicodedata.normalize("NFKD", told.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))
