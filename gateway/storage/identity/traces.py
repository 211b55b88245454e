"""Traces of a person in rejected events, which nobody could apply: found by who sent them, or by what they hold."""

import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from gateway.journey.identifier import IdentifierType, normalised
from gateway.storage.database import Database, Row
from gateway.storage.identity.register import Key
from gateway.storage.reading import reading

PAGE = 500
UNMISTAKABLE = 12
"""From so many characters on a value is looked for within longer texts; shorter ones must be the whole text."""
_COOKIE = IdentifierType.COOKIE.value
_EMAIL = IdentifierType.EMAIL.value
_EXTERNAL_ID = IdentifierType.EXTERNAL_ID.value
_PHONE = IdentifierType.PHONE.value
_DIALLED = re.compile(r"[+\d][\d\s()./x;=ext-]{4,60}", re.IGNORECASE)


class Traces:
    """What gives a person away: their identifiers, in whatever form somebody wrote them."""

    def __init__(self, identifiers: Collection[Key]) -> None:
        folded = {(kind, value.casefold()) for kind, value in identifiers}
        self._phones = {value for kind, value in identifiers if kind == _PHONE}
        self._whole = {value for _, value in folded}
        self._within = {value for kind, value in folded if kind == _EMAIL or len(value) >= UNMISTAKABLE}

    def are_in(self, row: Mapping[str, Any]) -> bool:
        """Tell whether one of the identifiers stands anywhere in a document, as a name of a field included."""
        return any(self._are_in_text(text) for text in texts_in(row))

    def _are_in_text(self, text: str) -> bool:
        for form in {text.casefold(), unquote(text).casefold()}:
            if form.strip() in self._whole or any(value in form for value in self._within):
                return True
        return bool(self._phones and _DIALLED.fullmatch(text.strip()) and normalised(_PHONE, text) in self._phones)


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a document, names of fields included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


def sent_by(identifiers: Collection[Key]) -> Row:
    """Return the condition that the visitor of one of these cookies and external ids has sent a rejected event."""
    cookies = [value for kind, value in identifiers if kind == _COOKIE]
    users = [value for kind, value in identifiers if kind == _EXTERNAL_ID]
    by_user = {"wire.userId": {"$in": users}, "wire.anonymousId": {"$in": [None, ""]}}
    return {"$or": [{"wire.anonymousId": {"$in": cookies}}, by_user]}


async def rejected_by_sender(database: Database, identifiers: Collection[Key]) -> AsyncIterator[Row]:
    """Yield the ids of the rejected events that the visitors of these cookies and external ids have sent, as rows."""
    with reading("rejectedEvents"):
        rows = await database["rejectedEvents"].find(sent_by(identifiers), {"_id": 1}).to_list()
    for row in rows:
        yield row


async def rejected_with_traces(database: Database, identifiers: Collection[Key]) -> AsyncIterator[Row]:
    """Yield the rejected events in which one of these identifiers stands; every one of them is looked through."""
    traces = Traces(identifiers)
    after: Row = {}
    while True:
        with reading("rejectedEvents"):
            rows = await database["rejectedEvents"].find(after).sort("_id", 1).limit(PAGE).to_list()
        for row in rows:
            if traces.are_in(row):
                yield row
        if len(rows) < PAGE:
            return
        after = {"_id": {"$gt": rows[-1]["_id"]}}
