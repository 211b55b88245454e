"""What changed, as MongoDB tells it: a resumable stream over the collections that subscribers care about."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.errors import OperationFailure, PyMongoError

from gateway.storage.as_of import Moment
from gateway.storage.database import Database, Row
from gateway.storage.errors import MongoDBUnreachable, StorageError

WAIT_MS = 500
"""How long MongoDB may hold an empty answer; a change is sent at once, whatever this is."""
WRITES = ["insert", "update", "replace"]
_HISTORY_LOST = {136, 280, 286}  # CappedPositionLost, ChangeStreamFatalError (token not found), ChangeStreamHistoryLost
# FailedToParse, Overflow, and what else a forged token is refused with: of 400 garbled ones, each gave one of these
_BAD_TOKEN = {2, 9, 15, 207, 260, 40647, 40649, *range(50_793, 50_873), 51_055, 51_057}


class HistoryLost(StorageError):
    """Raised when a stream cannot go on from a token, because MongoDB no longer keeps that part of its history."""


class BadToken(StorageError):
    """Raised when a token is none that a stream has given out."""


@dataclass(frozen=True, slots=True)
class Change:
    """One document as it was after it was written.

    `token` is the place in the stream right after it, `before` the one right before it; tokens sort in stream order.
    """

    token: str
    before: str
    collection: str
    row: Row


@dataclass(frozen=True, slots=True)
class Position:
    """How far the stream has come, told when nothing has changed."""

    token: str


async def changes(
    database: Database, collections: Sequence[str], after: str | None = None, since: Moment | None = None
) -> AsyncIterator[Change | Position]:
    """Yield a position first, then every document written in these collections, in order of commit, forever.

    `after` is a place to go on from; `since` a moment to begin with, of which everything is told.

    Raises:
        HistoryLost: `after` lies before the history that MongoDB keeps.
        BadToken: `after` is no token.
        MongoDBUnreachable: the stream broke and could not be resumed; go on with the last token.
    """
    pipeline: list[Row] = [
        {"$match": {"operationType": {"$in": WRITES}, "ns.coll": {"$in": list(collections)}}},
        {"$project": {"fullDocument": 1, "ns.coll": 1, "updateDescription.updatedFields": 1}},
    ]
    begin: Row = {"resume_after": {"_data": after}} if after else {}
    if since is not None:
        begin = {"start_at_operation_time": since.timestamp}
    try:
        async with await database.watch(
            pipeline, full_document="updateLookup", max_await_time_ms=WAIT_MS, **begin
        ) as stream:
            before = _token(stream.resume_token) or after or ""
            yield Position(before)
            while stream.alive:
                change = await stream.try_next()
                token = _token(stream.resume_token) or before
                if change is None:
                    yield Position(token)
                else:
                    token = change["_id"]["_data"]
                    if row := _row_of(change):
                        yield Change(token, before, change["ns"]["coll"], row)
                before = token
    except OperationFailure as error:
        if error.code in _HISTORY_LOST:
            raise HistoryLost(
                "The changes since this cursor are no longer kept: start again without `after`."
            ) from error
        if error.code in _BAD_TOKEN and after:
            raise BadToken(f"{after!r} is no place in the stream of changes.") from error
        raise MongoDBUnreachable(f"The stream of changes broke: {error}") from error
    except PyMongoError as error:
        raise MongoDBUnreachable(f"The stream of changes broke: {error}") from error


def _row_of(change: Mapping[str, Any]) -> Row | None:
    """Return the document as it was right after the change, or None when it is deleted by now.

    MongoDB looks the document up when the stream gets there, which may be some changes later; the fields that this
    change has set are put back to what they were then.
    """
    row: Row | None = change.get("fullDocument")
    for path, value in change.get("updateDescription", {}).get("updatedFields", {}).items():
        if row is not None and "." not in path:
            row[path] = value
    return row


def _token(resume_token: Mapping[str, Any] | None) -> str | None:
    return resume_token["_data"] if resume_token else None
