"""Fields that outcomes and segments have in common, as they are given."""

import re
from dataclasses import fields

from gateway.graph.errors import BadInput

MAX_NAME = 200
MAX_DESCRIPTION = 2000
_EVENT_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")


def name_given(text: str) -> str:
    """Return a display name without the space around it.

    Raises:
        BadInput: it is empty or too long.
    """
    name = text.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise BadInput(f"`displayName` has {len(name)} characters, but must have 1 to {MAX_NAME}.", field="displayName")
    return name


def description_given(text: str) -> str:
    """Return a description without the space around it.

    Raises:
        BadInput: it is too long.
    """
    if len(text) > MAX_DESCRIPTION:
        raise BadInput(f"`description` has {len(text)} characters; {MAX_DESCRIPTION} are allowed.", field="description")
    return text.strip()


def event_name_given(text: str) -> str:
    """Return the name of an event.

    Raises:
        BadInput: it is none.
    """
    if not _EVENT_NAME.fullmatch(text):
        raise BadInput(
            f"`eventName` is {text!r}, but must be letters, digits and underscores, like order_completed.",
            field="eventName",
        )
    return text


def check_something_given(wanted: object) -> None:
    """Check that an input says what to change.

    Raises:
        BadInput: it names the thing alone.
    """
    given = (getattr(wanted, one.name) for one in fields(wanted) if one.name != "id")  # type: ignore[arg-type]  # every input is a dataclass
    if all(value is None for value in given):
        raise BadInput("Nothing is to be changed: pass at least one field beside `id`.", field="input")


def copy_name(name: str, taken: set[str]) -> str:
    """Return a name for the copy of a definition that no other one has."""
    names = (
        f"{name[: MAX_NAME - 20]} (copy{f' {number}' if number > 1 else ''})" for number in range(1, len(taken) + 2)
    )
    return next(one for one in names if one not in taken)
