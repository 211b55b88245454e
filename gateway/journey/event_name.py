"""One way to name events, object_verbPastTense in snake case, whatever the sender calls them."""

import re
from collections.abc import Mapping
from functools import lru_cache
from unicodedata import normalize

from gateway.journey.event import PAGE_VIEWED, SCREEN_VIEWED, SEARCH_PERFORMED

MAX_NAME_LENGTH = 100
NAMELESS = "event"

NAMES_OF_CALLS: Mapping[str, str] = {
    "page": PAGE_VIEWED,
    "screen": SCREEN_VIEWED,
    "identify": "user_identified",
    "group": "group_joined",
    "alias": "user_aliased",
}
"""The calls that are an event by themselves; a track call is the event that it names."""

NAMES_OF_SEARCHES = frozenset(
    ("product_searched", "products_searched", "search", "searched", "search_performed", "site_searched")
)
"""What senders call a search, in snake case."""

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_PLAIN = re.compile(r"[a-z0-9_]+")
_FOREIGN_LETTERS = re.compile(r"[^\W_a-z0-9]")


def event_name(call: str, name: str | None) -> str:
    """Return the name of the event that a call of this type, with this name, stands for.

    It has 1 to 100 characters of [a-z0-9_]. A name that came out of this function goes through it unchanged.
    """
    return NAMES_OF_CALLS.get(call) or _name_of_track((name or "")[: 2 * MAX_NAME_LENGTH])


def asked_name(name: str) -> str | None:
    """Return the name under which the events are stored that somebody asks for by this one, in whatever spelling.

    None where nothing of it can be spelled: nobody asks for the nameless.
    """
    return event_name("track", name) if _snake_case(name[: 2 * MAX_NAME_LENGTH]) else None


def asked_part(part: str) -> str | None:
    """Return a part of a name, such as its beginning, as it stands in the names of stored events; None as above."""
    return part if _PLAIN.fullmatch(part) else _snake_case(part) or None


@lru_cache(maxsize=4096)
def _name_of_track(name: str) -> str:
    snake = _snake_case(name) or NAMELESS
    return SEARCH_PERFORMED if snake in NAMES_OF_SEARCHES else snake


def _snake_case(name: str) -> str:
    plain = "".join(character for character in normalize("NFKD", name) if not _is_accent(character))
    words = _WORD_STARTS.sub("_", plain).casefold()
    spelled = _FOREIGN_LETTERS.sub(_code_point, words)
    return _BETWEEN_WORDS.sub("_", spelled).strip("_")[:MAX_NAME_LENGTH].rstrip("_")


def _is_accent(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


def _code_point(letter: re.Match[str]) -> str:
    """Spell a letter that has no ASCII form by its number, so that two names in Greek remain two names."""
    return f"u{ord(letter[0]):x}"
