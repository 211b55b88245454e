"""Collection `imports`: how far each file was imported, so that an import that was stopped goes on where it was.

The id stands for the content of the file and the write key it was imported under, not for the file's name.
"""

from datetime import datetime

from gateway.storage.documents.shape import Stored


class ImportDocument(Stored):
    """A stored import: `line` is the last line whose event is stored or refused for good, `is_done` the file's end."""

    file_name: str
    write_key_id: str
    line: int
    is_done: bool
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection."""

        name = "imports"
