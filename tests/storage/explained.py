"""What MongoDB says of how it answers the commands that a client has sent, and what is wrong with that."""

from collections.abc import Iterator

from pymongo import monitoring

from gateway.storage.database import Row

DEFINITIONS = {"divisions", "segments", "outcomes", "writeKeys", "tokens", "definitionVersions", "externalSources"}
ARGUMENTS = ("find", "filter", "sort", "projection", "limit", "aggregate", "pipeline", "cursor", "hint")
MAY_SORT = {"active", "_id_"}
"""Indexes whose rows may be sorted in memory: those who are here now, as an index on their last event would have to be
changed with every event; and what is found by its ids."""
BEYOND = 100
"""Documents that a query may read beyond those it returns; here more than that are neither here now nor of its list."""


class Commands(monitoring.CommandListener):
    """Writes down the commands that are sent."""

    def __init__(self) -> None:
        self.seen: list[Row] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.seen.append(dict(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Not of interest."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Not of interest."""

    def take(self) -> list[Row]:
        """Return what was sent since the last time."""
        seen, self.seen = self.seen, []
        return seen


def reads(commands: list[Row]) -> Iterator[Row]:
    """Yield the commands that read something which grows, without what belongs to their connection."""
    for command in commands:
        read = {name: command[name] for name in ARGUMENTS if name in command}
        collection = command.get("find") or command.get("aggregate")
        followed = "$changeStream" in str(command.get("pipeline", "")[:1])
        if collection and not followed and collection not in DEFINITIONS:
            yield read


def wanted_rows(read: Row) -> int:
    """Return how many rows the read asks for at most, or 0 where it does not say."""
    pipeline = read.get("pipeline", [])
    if pipeline and "$documents" in pipeline[0]:
        return int(pipeline[1]["$lookup"]["pipeline"][-1]["$limit"]) * len(pipeline[0]["$documents"])
    return 0


def faults_of(plan: Row, wanted: int) -> Iterator[str]:
    """Yield what is wrong with a plan: scans of collections, sorts of more than a few rows, documents read in vain."""
    parts = [part["$cursor"] for part in plan.get("stages", ()) if "$cursor" in part] or [plan]
    for part in parts:
        if "queryPlanner" in part:
            yield from _faults_of_stages(part["queryPlanner"]["winningPlan"])
            told = part["executionStats"]
            if told["totalDocsExamined"] > max(told["nReturned"], wanted) + BEYOND:
                yield f"reads {told['totalDocsExamined']} documents to return {told['nReturned']}"
    for part in plan.get("stages", ()):
        if "$lookup" in part:
            if part["collectionScans"]:
                yield f"looks up by scanning {part['$lookup']['from']}"
            if part["totalDocsExamined"] > wanted + BEYOND:
                yield f"looks up by reading {part['totalDocsExamined']} documents"


def _faults_of_stages(plan: Row) -> Iterator[str]:
    for stage in stages_of(plan):
        if stage["stage"] == "COLLSCAN":
            yield "scans the collection"
        if stage["stage"] == "SORT":
            indexes = {below["indexName"] for below in stages_of(stage) if "indexName" in below}
            if indexes - MAY_SORT:
                yield f"sorts the rows of {indexes} in memory"


def stages_of(plan: object) -> Iterator[Row]:
    """Yield every stage of a plan."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan
        for inner in plan.values():
            yield from stages_of(inner)
    elif isinstance(plan, list):
        for inner in plan:
            yield from stages_of(inner)
