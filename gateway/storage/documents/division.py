"""Collection `divisions`: parts of the organization that keep their journeys apart; the home division is always there.

Its id is a word that people choose, as they write it into tokens, write keys and what their sign-in says of them.
"""

from datetime import datetime

from gateway.storage.documents.shape import Stored


class DivisionDocument(Stored):
    """A stored division."""

    name: str
    description: str | None = None
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection."""

        name = "divisions"
