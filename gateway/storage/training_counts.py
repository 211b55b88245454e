"""What past sessions tell about an outcome: how many pages they viewed, and after how many they reached it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from gateway.journey.event import PAGE_VIEWED
from gateway.storage.database import Database, Row


@dataclass(frozen=True, slots=True)
class TrainingCounts:
    """Number of past sessions by pages viewed.

    `missed`: sessions that never reached the outcome, by all their page views; `reached`: those that did, by the page
    views up to that moment.
    """

    missed: Counter[int]
    reached: Counter[int]


async def training_counts(database: Database, event_name: str, since: datetime, until: datetime) -> TrainingCounts:
    """Return the counts over sessions whose last event lies in the interval."""
    viewed = await _counts(database, "sessions", sessions_by_pages(since, until))
    if event_name == PAGE_VIEWED:
        achieved = await (await database["sessions"].aggregate(sessions_with_pages(since, until))).to_list()
    else:
        achieved = await (await database["events"].aggregate(sessions_that_reached(event_name, since, until))).to_list()
    missed, reached = Counter(viewed), Counter[int]()
    for row in achieved:
        missed[row["_id"]["pages"]] -= row["sessions"]
        reached[row["_id"]["pagesThen"]] += row["sessions"]
    return TrainingCounts(+missed, reached)


async def achievement_counts(database: Database, outcome_id: str, since: datetime, until: datetime) -> TrainingCounts:
    """Return the counts of an outcome that no single event achieves: by what sessions have achieved, as they say."""
    missed = Counter(await _counts(database, "sessions", sessions_by_pages(since, until)))
    reached = Counter[int]()
    cursor = await database["sessions"].aggregate(sessions_that_achieved(outcome_id, since, until))
    async for row in cursor:
        missed[row["_id"]["pages"]] -= row["sessions"]
        reached[row["_id"]["pagesThen"]] += row["sessions"]
    return TrainingCounts(+missed, reached)


def sessions_that_achieved(outcome_id: str, since: datetime, until: datetime) -> list[Row]:
    """Return the pipeline over `sessions` that counts those which say so, by page views in all and up to then."""
    match, _ = sessions_by_pages(since, until)
    pages = {"pages": "$pageviewCount", "pagesThen": "$outcomeAchievements.pageviewCount"}
    return [
        match,
        {"$match": {"outcomeAchievements.outcomeId": outcome_id}},
        {"$unwind": "$outcomeAchievements"},
        {"$match": {"outcomeAchievements.outcomeId": outcome_id}},
        {"$group": {"_id": pages, "sessions": {"$sum": 1}}},
    ]


def sessions_by_pages(since: datetime, until: datetime) -> list[Row]:
    """Return the pipeline over `sessions` that counts them by page views."""
    return [
        {"$match": {"activeDate": {"$gte": since}, "lastEvent.createdDate": {"$gte": since, "$lt": until}}},
        {"$group": {"_id": "$pageviewCount", "sessions": {"$sum": 1}}},
    ]


def sessions_with_pages(since: datetime, until: datetime) -> list[Row]:
    """Return the pipeline over `sessions` that counts those with a page view, which the first of them has reached.

    It asks the sessions, as no index holds page views by their name: see `gateway.storage.documents.event`.
    """
    match, _ = sessions_by_pages(since, until)
    reached = {"_id": {"pages": "$pageviewCount", "pagesThen": {"$literal": 1}}, "sessions": {"$sum": 1}}
    return [match, {"$match": {"pageviewCount": {"$gt": 0}}}, {"$group": reached}]


def sessions_that_reached(event_name: str, since: datetime, until: datetime) -> list[Row]:
    """Return the pipeline over `events` that counts sessions by page views, in all and up to the first such event."""
    pages_then = {
        "from": "events",
        "localField": "_id",
        "foreignField": "sessionId",
        "let": {"then": "$then"},
        "pipeline": [
            {"$match": {"eventName": PAGE_VIEWED, "$expr": {"$lte": ["$createdDate", "$$then"]}}},
            {"$count": "pages"},
        ],
        "as": "before",
    }
    session = {
        "from": "sessions",
        "localField": "_id",
        "foreignField": "_id",
        "pipeline": [{"$match": {"lastEvent.createdDate": {"$gte": since, "$lt": until}}}],
        "as": "session",
    }
    return [
        {"$match": {"eventName": event_name, "createdDate": {"$gte": since}}},
        {"$group": {"_id": "$sessionId", "then": {"$min": "$createdDate"}}},
        {"$lookup": session},
        {"$unwind": "$session"},
        {"$lookup": pages_then},
        {"$set": {"pagesThen": {"$ifNull": [{"$first": "$before.pages"}, 0]}}},
        {
            "$group": {
                "_id": {"pages": "$session.pageviewCount", "pagesThen": "$pagesThen"},
                "sessions": {"$sum": 1},
            }
        },
    ]


async def _counts(database: Database, collection: str, pipeline: list[Row]) -> dict[int, int]:
    cursor = await database[collection].aggregate(pipeline)
    return {row["_id"]: row["sessions"] async for row in cursor}
