"""Applying rejected events again, once what was wrong is mended."""

from collections.abc import Sequence

from gateway.intake.batch import commit_batch
from gateway.intake.definitions import DefinitionReader
from gateway.intake.set_aside import delivery_from
from gateway.intake.write_keys import write_key_from
from gateway.storage.database import Database
from gateway.storage.rejected_events import drop_rejected
from gateway.storage.rows import rows_by_id


class Replay:
    """Applies rejected events through the same code as new ones."""

    def __init__(self, database: Database, definitions: DefinitionReader) -> None:
        self._database = database
        self._definitions = definitions

    async def __call__(self, ids: Sequence[str]) -> list[str]:
        """Apply the rejected events of these ids, and return the ids of those that are applied now.

        One that is refused again stays, with its new reason; so does one whose write key is gone.
        """
        rows = await rows_by_id(self._database, "rejectedEvents", ids)
        keys = await rows_by_id(self._database, "writeKeys", [row["writeKeyId"] for row in rows.values()])
        in_force = await self._definitions.read()
        applied: list[str] = []
        for id_, row in rows.items():
            if row["writeKeyId"] in keys:
                delivery = delivery_from(row, write_key_from(keys[row["writeKeyId"]]))
                (answer,) = await commit_batch(self._database, [delivery], in_force)
                applied += [id_ for receipt in answer.receipts if receipt.status != "rejected"]
        await drop_rejected(self._database, applied)
        return applied
