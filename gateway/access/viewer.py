"""Who asks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """The holder of a token."""

    name: str
    role: str
