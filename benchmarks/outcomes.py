"""What outcomes, segments, learned models and their reasons cost intake, against the same events without them."""

import json
import os
import statistics
import subprocess
from typing import NamedTuple

from pymongo import MongoClient

from benchmarks.figures import Bench, Figure
from benchmarks.intake import CONNECTIONS, errors
from benchmarks.load import load
from benchmarks.processes import Failed
from benchmarks.server import DATABASE, PROGRAM, Running, gateway_server
from benchmarks.shop import SHOPPING, VISITORS
from benchmarks.shop_definitions import definitions
from benchmarks.shop_history import fill_in_visits
from gateway.storage.database import Row
from gateway.storage.documents.prediction import prediction_rows

PAST_VISITS = 8_000
GOAL = 0.6
TURNS = 3
"""Into so many each round is cut: what else the machine does changes within seconds, and both should meet the same."""
SECONDS_TO_LEARN = 600
SETTINGS = {"JOURNEY_TRAIN_EVERY_HOURS": "0"}
"""Learned once, by the command, and not again beside the load."""


class _Told(NamedTuple):
    """What the sessions of the load have of it, on average, and how many trees tell it."""

    predictions: float
    reasons: float
    achieved: float
    segments: float
    trees: tuple[int, ...]


def measure_outcomes(bench: Bench) -> list[Figure]:
    """Single calls of a shop's visitors, 256 connections, at two servers in turns: one has nothing defined.

    The other has ten outcomes and fifty segments of ten kinds, and has learned from past visits what leads to each
    outcome. Both get the same requests, and hold the same past. The medians are compared.
    """
    visits = min(PAST_VISITS, bench.scale.stored_visitors)
    with gateway_server(SETTINGS) as without, gateway_server(SETTINGS) as defined:
        bench.say(f"outcomes: filling in {visits:,} past visits")
        events = [fill_in_visits(server, visits) for server in (without, defined)]
        bench.say(f"outcomes: learning from {events[1]:,} events")
        _define_and_learn(defined)
        for server in (without, defined):
            load(server, SHOPPING, CONNECTIONS, bench.scale.warm_up_seconds)
        done_without, done = [], []
        for turn in range(TURNS * bench.scale.rounds):
            bench.say(f"outcomes: turn {turn + 1}")
            seconds = max(1, bench.scale.seconds // TURNS)
            done_without.append(load(without, SHOPPING, CONNECTIONS, seconds))
            done.append(load(defined, SHOPPING, CONNECTIONS, seconds))
        told = _told(defined)
    rate, rate_without = (statistics.median(one.rate for one in loads) for loads in (done, done_without))
    ratio = rate / rate_without
    few, many = min(told.trees, default=0), max(told.trees, default=0)
    learned = f"{len(told.trees)} learned models of {few} to {many} trees"
    kept = (
        f"a session has {told.predictions:.1f} predictions, {told.reasons:.1f} reasons, {told.achieved:.1f} outcomes, "
        f"{told.segments:.1f} segments"
    )
    return [
        Figure(
            "a shop's single events, nothing defined",
            f"{rate_without:,.0f} events/s",
            f"one call a POST, {CONNECTIONS} connections, {VISITORS:,} visitors",
        ),
        Figure(
            "with 10 outcomes and 50 segments",
            f"{rate:,.0f} events/s, p99 {statistics.median(one.p99 for one in done):.0f} ms",
            f"the same; {learned}; {kept}",
            f"{GOAL} of the rate without",
            ratio >= GOAL,
            f"{ratio:.2f} of without",
        ),
        *[row for one in (*done_without, *done) for row in errors("a shop's single events", one)],
    ]


def _define_and_learn(server: Running) -> None:
    file = server.directory / "definitions.json"
    file.write_text(json.dumps(definitions()))
    _command(server, "definitions", "import", str(file))
    _command(server, "train")


def _command(server: Running, *arguments: str) -> None:
    """Run a command of the product beside the server."""
    told = {"JOURNEY_DATA_DIR": str(server.directory), "JOURNEY_DATABASE": DATABASE}
    done = subprocess.run(
        [str(PROGRAM), *arguments],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_LEARN,
        check=False,
    )
    if done.returncode:
        raise Failed(
            f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-1000:]}\n{done.stderr[-1000:]}"
        )


def _told(server: Running) -> _Told:
    with MongoClient[Row](server.mongodb_url) as client:
        database = client[DATABASE]
        found = database["sessions"].find({"customerId": {"$regex": "^visitor-"}}).to_list()
        kinds = database["predictionModels"].find({"kind": "LEARNED", "isRejected": {"$ne": True}}).to_list()
    told = [prediction_rows(session) for session in found]
    number = max(len(found), 1)

    def mean(name: str) -> float:
        return sum(len(session.get(name, ())) for session in found) / number

    return _Told(
        sum(len(one) for one in told) / number,
        sum(len(prediction["reasons"]) for one in told for prediction in one) / number,
        mean("outcomeAchievements"),
        mean("segmentAssignments"),
        tuple(model["treeCount"] for model in kinds),
    )
