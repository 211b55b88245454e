"""Bring journeys of the past into a database: `python -m benchmarks.fill MONGODB_URL DATABASE FIRST BEYOND`.

FIRST and BEYOND bound the numbers of the visitors. Written without waiting for the journal: this is not measured.
"""

import json
import sys

from pymongo import MongoClient, UpdateOne
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from benchmarks.history import days_of
from gateway.storage.database import Row

AT_A_TIME = 5_000


def main() -> None:
    """Write, and print how many events there were."""
    url, name, first, beyond = sys.argv[1:]
    events = 0
    with MongoClient[Row](url, tz_aware=True) as client:
        database = client.get_database(name, write_concern=WriteConcern(w=1))
        for rows in days_of(range(int(first), int(beyond))):
            _insert(database, "events", rows.events)
            _insert(database, "sessions", rows.sessions)
            _add_contacts(database, rows.contacts)
            events += len(rows.events)
    print(json.dumps({"events": events}))


def _insert(database: Database[Row], collection: str, rows: list[Row]) -> None:
    for start in range(0, len(rows), AT_A_TIME):
        database[collection].insert_many(rows[start : start + AT_A_TIME], ordered=False)


def _add_contacts(database: Database[Row], rows: list[Row]) -> None:
    """Insert the contacts that are not there yet; those who have come in meanwhile stay as they are."""
    writes = [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in rows]
    for start in range(0, len(writes), AT_A_TIME):
        database["contacts"].bulk_write(writes[start : start + AT_A_TIME], ordered=False)


if __name__ == "__main__":
    main()
