"""One setting: a row of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the settings table: the variable, where it goes, how its text is understood, and what it is for."""

    variable: str
    field: str
    convert: Callable[[str], object]
    default: str | None  #: as it would be written in the environment; None: there is none, and the field is None
    description: str
    secret: bool = False

    def read(self, environ: Mapping[str, str]) -> object:
        """Return the converted value of this environment; raises ValueError, saying what is allowed."""
        text = environ.get(self.variable, "").strip() or self.default
        return None if text is None else self.convert(text)
