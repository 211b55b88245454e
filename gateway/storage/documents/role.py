"""Collection `roles`: those that operators have made, each under its name; the delivered ones are in the code."""

from datetime import datetime

from gateway.storage.documents.shape import Stored


class RoleDocument(Stored):
    """A stored role. `permissions` stand as they are named; one that a later version no longer has, opens nothing."""

    description: str | None = None
    permissions: list[str]
    created_date: datetime
    modified_date: datetime

    class Settings:
        """Collection."""

        name = "roles"
