"""`journey-gateway import`: take files of tracking calls, through the same code as what is sent, at their own time."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from gateway.cli.call_lines import CallFile, fingerprint, open_calls
from gateway.cli.import_batches import Batch, NumberedEvent, RefusedLine, batches
from gateway.cli.import_tally import Tally, report
from gateway.cli.keys_at_hand import find_write_key
from gateway.cli.meter import meter
from gateway.cli.stopping import INTERRUPTED, told_to_stop
from gateway.cli.surroundings import read_settings, run, surroundings
from gateway.clock import now
from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader, rules_of
from gateway.intake.privacy import privacy_of
from gateway.journey.ids import derive_id
from gateway.storage.database import Database
from gateway.storage.imports import import_by_id, places_of_events, save_import, stored_counts
from snippet.delivery import Delivery
from snippet.privacy import Privacy
from snippet.write_key import WriteKey

SAVE_EVERY_SECONDS = 1.0


def import_calls(
    files: Annotated[
        list[str], typer.Argument(help="Files with one tracking call a line, plain or gzip; - is standard input.")
    ],
    write_key: Annotated[
        str | None, typer.Option(help="Write key to import under; the first one of the database unless given.")
    ] = None,
    robots: Annotated[bool, typer.Option(help="Whether to take what robots did.")] = True,
) -> None:
    """Import files of tracking calls with their own timestamps; doing it again changes nothing.

    A call that was taken before is told by its messageId. An import that was stopped goes on where it was.
    """
    run(_import(files, write_key, robots=robots))


async def _import(files: list[str], key: str | None, *, robots: bool) -> None:
    settings = read_settings()
    fingerprints = [await asyncio.to_thread(fingerprint, name) for name in files]
    with told_to_stop() as stop:
        async with surroundings(settings, join=True) as ready:
            database = ready.connection.database
            write_key = replace(await find_write_key(database, key or ready.keys.write_key), accept_robots=robots)
            definitions = DefinitionReader(database, rules_of(settings))
            importer = Importer(database, definitions, write_key, Tally(), privacy_of(settings))
            for name, mark in zip(files, fingerprints, strict=True):
                await importer.import_file(name, mark, stop)
            for line in report(importer.tally, await stored_counts(database)):
                typer.echo(line)
        if stop.is_set():
            typer.echo("Stopped. The same command goes on from here.", err=True)
            raise typer.Exit(INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports files under one write key, and counts what became of each line."""

    database: Database
    definitions: DefinitionReader
    write_key: WriteKey
    tally: Tally
    privacy: Privacy

    async def import_file(self, name: str, mark: str | None, stop: asyncio.Event) -> None:
        """Import a file, from where an earlier import of the same content was stopped; `mark` is its fingerprint.

        Raises:
            CommandError: it cannot be read to its end; what came before is stored.
            StorageError: MongoDB cannot take more now; what came before is stored.
        """
        with open_calls(name) as calls, meter(Path(calls.name).name, calls.size) as shown:
            progress = await self._progress(calls, mark)
            read = batches(calls, self.write_key, progress.line, now(), self.privacy)
            async with aclosing(_ahead(read, stop)) as pieces:
                async for batch in pieces:
                    await self.commit(batch)
                    self.tally.refuse(calls.name, batch.refused)
                    shown.show(batch.position, self.tally.told())
                    await progress.reach(batch.line)
            await progress.close(is_done=not stop.is_set())

    async def commit(self, batch: Batch) -> None:
        """Commit the events of a batch, and count them; what intake refuses joins the batch's refused lines.

        Raises:
            StorageError: MongoDB cannot take all of it now; what it took will be told as a duplicate.
        """
        commits = (self._commit_lane(events) for events in batch.lanes())
        # Each is waited for, also when another fails: none may outlive the connection.
        for refused in await asyncio.gather(*commits, return_exceptions=True):
            if isinstance(refused, BaseException):
                raise refused
            batch.refused.extend(refused)

    async def _commit_lane(self, events: list[NumberedEvent]) -> list[RefusedLine]:
        """Commit and count some events; return those that intake could not take after all."""
        delivery = Delivery(self.write_key, tuple(event.timed for event in events), now(), None, None)
        [answer] = await commit_batch(self.database, [delivery], await self.definitions.read())
        taken = [receipt for receipt in answer.receipts if receipt.status != "rejected"]
        self.tally.statuses.update(receipt.status for receipt in taken)
        if accepted := [receipt.messageId for receipt in taken if receipt.status == "accepted"]:
            ids = [derive_id("event", self.write_key.id, message_id) for message_id in accepted]
            self.tally.place(await places_of_events(self.database, ids))
        return [
            RefusedLine(event.number, receipt.reason or "rejected", receipt.message or "see the log")
            for event, receipt in zip(events, answer.receipts, strict=True)
            if receipt.status == "rejected"
        ]

    async def _progress(self, calls: CallFile, mark: str | None) -> "_Progress":
        if mark is None:
            return _Progress(self.database, None)
        # Lines that are refused for their robots are not refused when robots are taken: a run of its own.
        import_id = derive_id("import", mark, self.write_key.id, str(self.write_key.accept_robots))
        row = await import_by_id(self.database, import_id)
        if row is None:
            row = {"_id": import_id, "fileName": Path(calls.name).name, "writeKeyId": self.write_key.id}
            return _Progress(self.database, {**row, "line": 0, "isDone": False, "createdDate": now()})
        if row["isDone"]:
            return _Progress(self.database, None)
        if row["line"]:
            typer.echo(f"{calls.name}: going on after line {row['line']:,}.", err=True)
        return _Progress(self.database, row, row["line"])


@dataclass(slots=True)
class _Progress:
    """How far a file was imported: stored about once a second, for the lines since then would only be duplicates.

    Without a row nothing is stored: of a stream, and of a file that was imported to its end before.
    """

    database: Database
    row: dict[str, object] | None
    line: int = 0
    saved: float = 0.0

    async def reach(self, line: int) -> None:
        self.line = line
        if monotonic() - self.saved >= SAVE_EVERY_SECONDS:
            await self.close(is_done=False)

    async def close(self, *, is_done: bool) -> None:
        self.saved = monotonic()
        if self.row is not None:
            await save_import(self.database, {**self.row, "line": self.line, "isDone": is_done, "modifiedDate": now()})


async def _ahead(pieces: Iterator[Batch], stop: asyncio.Event) -> AsyncGenerator[Batch, None]:
    """Yield the pieces until told to stop; a thread reads the next one while this one is committed."""
    reading = asyncio.create_task(asyncio.to_thread(next, pieces, None))
    try:
        while not stop.is_set() and (piece := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next, pieces, None))
            yield piece
    finally:
        await asyncio.wait([reading])
