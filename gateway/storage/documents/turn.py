"""Collection `turns`: when a task is due that one process does every so often."""

from datetime import datetime

from gateway.storage.documents.shape import Stored


class TurnDocument(Stored):
    """A stored turn; the id is the name of the task."""

    due_date: datetime

    class Settings:
        """Collection."""

        name = "turns"
