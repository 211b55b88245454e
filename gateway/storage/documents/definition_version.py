"""Collection `definitionVersions`: one number that grows with every change of a definition.

Intake reads it once a batch: every process knows at once when outcomes or models have changed.
"""

from gateway.storage.documents.shape import Stored

CURRENT = "current"


class DefinitionVersionDocument(Stored):
    """The version in force."""

    number: int

    class Settings:
        """Collection."""

        name = "definitionVersions"
