"""What a writer reads of the sessions that it remembers: what is asked for, no more; and several at once count all."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from random import Random

import pytest
from pymongo import monitoring

from gateway.intake.definitions import DefinitionReader
from gateway.intake.writer import Writer
from gateway.journey.definitions import Definitions
from gateway.storage.connection import connect
from gateway.storage.database import Database, Row
from gateway.storage.known_sessions import KnownSessions
from gateway.storage.visitor_sessions import STAMP, WITHOUT_VISIT
from snippet.delivery import Delivery, TimedEvent
from tests.intake.committing import ASKING, KEY, NOON, PLAIN, Asking, call, commit
from tests.storage.explained import Commands, stages_of


async def test_a_session_that_is_known_without_its_visit_is_read_once_that_is_asked_for(database: Database) -> None:
    known = Asking()
    await commit(database, None, call("1", url="/?utm_source=news"), in_force=PLAIN)
    await commit(database, known, call("2"), in_force=PLAIN)
    await commit(database, known, call("3"), in_force=ASKING)
    (session,) = await database["sessions"].find().to_list()
    assert [one["segmentId"] for one in session["segmentAssignments"]] == ["news"]


async def test_writers_at_the_same_visitors_at_once_give_exact_counts(database: Database, mongodb_url: str) -> None:
    random = Random(5)  # noqa: S311 - no secret
    sent = [f"m{n}" for n in range(240)]
    async with AsyncExitStack() as stack:
        writers = []
        for _ in range(2):
            connection = await stack.enter_async_context(await connect(mongodb_url, database.name))
            writer = Writer(connection.database, DefinitionReader(connection.database, Definitions()))
            writers.append(await stack.enter_async_context(writer.running()))
        for start in range(0, len(sent), 12):
            deliveries = [
                Delivery(KEY, (call(message, random.choice("abc")),), NOON, None, None)
                for message in sent[start : start + 12]
            ]
            await asyncio.gather(*(random.choice(writers).accept(one) for one in deliveries))
    events = await database["events"].find().to_list()
    by_session = Counter(event["sessionId"] for event in events)
    assert by_session.total() == len(sent)
    sessions = await database["sessions"].find().to_list()
    assert {one["_id"]: (one["eventCount"], one["pageviewCount"]) for one in sessions} == {
        id_: (count, count) for id_, count in by_session.items()
    }
    sequences = {(event["sessionId"], event["sequence"]) for event in events}
    assert sequences == {(id_, n) for id_, number in by_session.items() for n in range(1, number + 1)}


async def test_a_process_asks_of_the_sessions_that_it_knows_no_more_than_whether_they_have_changed(
    database: Database, mongodb_url: str
) -> None:
    commands, known = Commands(), KnownSessions()

    async def asked() -> list[tuple[Row, str]]:
        finds = [one for one in commands.take() if one.get("find") == "sessions"]
        for one in finds:
            read = {name: one[name] for name in ("find", "filter", "projection", "hint")}
            plan = await database.command("explain", read, verbosity="queryPlanner")
            winning = list(stages_of(plan["queryPlanner"]["winningPlan"]))
            assert "COLLSCAN" not in {stage["stage"] for stage in winning}
            assert one["hint"] in {stage.get("indexName") for stage in winning}
        return [(one["projection"], one["hint"]) for one in finds]

    def of_everybody(turn: int) -> list[TimedEvent]:
        return [call(f"{turn}-{n}", f"v{n}") for n in range(40)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitoring, "_LISTENERS", monitoring._Listeners([commands], [], [], [], []))
        async with await connect(mongodb_url, database.name) as connection:
            await commit(connection.database, known, *of_everybody(1), in_force=PLAIN)
            assert await asked() == [(WITHOUT_VISIT, "visitor")]
            await commit(connection.database, known, *of_everybody(2), in_force=PLAIN)
            assert await asked() == [(WITHOUT_VISIT, "visitor")]  # it knows nothing yet of how good its memory is
            await commit(connection.database, known, *of_everybody(3), in_force=PLAIN)
            assert await asked() == [(STAMP, "visitor")]
            await commit(connection.database, None, call("other", "v7"), in_force=PLAIN)
            commands.take()
            await commit(connection.database, known, *of_everybody(4), in_force=PLAIN)
            assert await asked() == [(STAMP, "visitor"), (WITHOUT_VISIT, "_id_")]
    counts = {one["customerId"]: one["eventCount"] async for one in database["sessions"].find()}
    assert counts == {f"v{n}": 4 + (n == 7) for n in range(40)}
