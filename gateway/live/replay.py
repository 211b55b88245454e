"""What a listener missed while it was away, from MongoDB's history: the same that it would have been told at once."""

from collections.abc import AsyncIterator
from dataclasses import replace

from gateway.live.cursor import LiveCursor
from gateway.live.customer import Standing, standing_at
from gateway.live.errors import CursorExpired
from gateway.live.happening import EDGES, Happening
from gateway.live.hub import Hub
from gateway.live.listener import Listener
from gateway.storage.as_of import PastLost, moment_of
from gateway.storage.change_stream import Change, HistoryLost, Position, changes
from gateway.storage.identity.merge_sets import merge_set_as_of


async def replayed(hub: Hub, listener: Listener, left: LiveCursor) -> AsyncIterator[Happening]:
    """Yield what happened between a place of the stream and the start of this listener.

    Raises:
        CursorExpired: MongoDB no longer keeps that part of its history; or it does, but not who the customer was then.
    """
    if listener.standing is None or listener.topic is None:
        async for happening in hub.since(left, listener.start):
            yield happening
        return
    contact_id, customer = listener.topic[1], listener.standing
    try:
        customer = await standing_at(hub.database, contact_id, left)
    except PastLost:
        await _unchanged(hub, customer, left, listener.start)
    async for happening in hub.since(left, listener.start):
        if happening.collection != EDGES:
            if customer.has(happening):
                yield happening
        elif customer.is_at(happening):
            before, customer = customer, await _regrouped(hub, customer, contact_id, happening)
            if customer is not before and customer.joined:
                yield replace(happening, joined=customer.joined)


async def _unchanged(hub: Hub, customer: Standing, left: LiveCursor, until: LiveCursor) -> None:
    """Make sure that a customer has been the same since then: the last edge to change that would be at one of it."""
    positions = 0
    try:
        # by its moment: MongoDB goes on from a token only if what happened there is among what is asked for
        async for item in changes(hub.database, (EDGES,), since=moment_of(left.token)):
            positions += isinstance(item, Position)
            if item.token > until.token or positions > 1:  # after the first, a position is where nothing more has come
                return
            if isinstance(item, Change) and item.token > left.token and customer.is_at(item):
                raise _expired()
    except HistoryLost as error:
        raise CursorExpired(str(error)) from error


async def _regrouped(hub: Hub, customer: Standing, contact_id: str, edge: Happening) -> Standing:
    moment = moment_of(edge.after.token)
    try:
        return customer.after(await merge_set_as_of(hub.database, contact_id, moment), moment)
    except PastLost:
        raise _expired() from None


def _expired() -> CursorExpired:
    return CursorExpired(
        "Contacts of this customer were joined or parted since this cursor: start again without `after`."
    )
