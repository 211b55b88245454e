"""What a contact is found by, and how a search is read: words by their beginning, identifiers also as a whole.

A stored contact keeps `words` (what it is made of) and `keys` (what an index leads to it by):

    Zoë King, zoe.king@shop.example   words  zoe king shop example
                                      keys   "" z zo zoe k ki kin king s sh sho shop e ex ... =zoe.king@shop.example

The key of a word that is looked for is its longest beginning that is kept; what the key does not tell is compared with
the words. The empty key leads to every contact, and one that begins with = to those who hold this very identifier.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.journey.identifier import IdentifierType
from gateway.journey.ids import derive_id

EVERYONE = ""
"""The key of every contact that can be searched for."""
WHOLE = "="
"""What the key of a whole identifier begins with."""
LETTER_LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12)
"""Lengths at which the beginnings of a word that begins with a letter are keys."""
DIGIT_LENGTHS = (4, 6, 8, 12)
"""As above, of a word that begins with a digit; the word itself is a key too, when it is no longer than the last."""
MAX_WORD_LENGTH = 64
MAX_WORDS = 100
"""Words, and whole identifiers, that are kept of everything merged into one contact; names come first."""
NAME_FIELDS = ("firstName", "lastName", "middleName")
TEXT_FIELDS = ("title", "address", "customFields")
NEVER_SEARCHED = frozenset({IdentifierType.COOKIE.value})
KINDS = ("CANONICAL", "CURATED", "IDENTIFIED")
"""The kinds of contacts that are searched, in the order in which they are found."""

_FAR_FUTURE = 1 << 43  # milliseconds since 1970: the year 2248
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIE_BREAKER_LENGTH = 8  # 48 bits, among contacts of one kind that were created in the same millisecond
_AGE_LENGTH = 8
_IN_ORDER = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""Digits of the base 64, which compare as they count."""
_WITHOUT_ACCENT = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\u0131": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "'": "",
        "\u2019": "",
    }
)
"""Letters that Unicode does not take apart; O'Brien is one word."""
_WORD = re.compile(r"[^\W_]+")
_PHONE = re.compile(r"\+?[\d\s()./-]+")
_MIN_PHONE_DIGITS = 4
_COUNTRY_CODE = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{0,3}")
"""Country codes of one and two digits, all others have three: https://www.itu.int/pub/T-SP-E.164D-2016."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is searched of one contact: its fields as they are stored, its identifiers as pairs of type and value."""

    fields: Mapping[str, object]
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What a contact is found by."""

    words: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a search: the contacts that hold this very identifier, or that have a word for each of these."""

    words: tuple[str, ...] = ()
    whole: str | None = None


def search_terms(records: Iterable[Record]) -> SearchTerms:
    """Return what a contact is found by, from the records of everything merged into it, its own first."""
    told = list(records)
    wholes = dict.fromkeys(whole for record in told for whole in _wholes(record))
    names = [words_of(_text(record.fields.get(name))) for name in NAME_FIELDS for record in told]
    others = [words_of(_text(record.fields.get(name))) for name in TEXT_FIELDS for record in told]
    held = [_identifier_words(record) for record in told]
    words = list(dict.fromkeys(word for part in (*names, *held, *others) for word in part))[:MAX_WORDS]
    beginnings = dict.fromkeys(key for word in words for key in _beginnings(word))
    return SearchTerms(tuple(words), (EVERYONE, *beginnings, *list(wholes)[:MAX_WORDS]))


def readings_of(text: str) -> tuple[Reading, ...]:
    """Return how a search can be read, the most exact first; the first whose key anybody has counts.

    No reading at all: there is nothing to look for in the text.
    """
    words = tuple(dict.fromkeys(words_of(text)))
    if not words:
        return ()
    whole = [Reading(whole=_whole(text))] if "@" in text or any(map(str.isdigit, text)) else []
    digits = _typed_phone(text.strip())
    phone = [Reading((digits,))] if digits and (digits,) != words else []
    by_words = Reading(words)
    # an id that begins with zeros is one word, a telephone number with a zero in front mostly several
    return (*whole, by_words, *phone) if len(words) == 1 else (*whole, *phone, by_words)


def key_of(word: str) -> str:
    """Return the key that leads to the contacts with a word that begins so, and perhaps to others."""
    fitting = [length for length in _lengths(word) if length <= len(word)]
    return word[: fitting[-1]] if fitting else word


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared: without accents, case and punctuation."""
    return [word[:MAX_WORD_LENGTH] for word in _WORD.findall(_folded(text))]


def place_of(kind: str, created_date: datetime, contact_id: str) -> str:
    """Return a contact's place in the order of what is found: by kind, the newest first. No two places are the same."""
    return f"{KINDS.index(kind)}{_age(created_date)}{derive_id('place', contact_id)[:_TIE_BREAKER_LENGTH]}"


def places_between(kind: str, after: datetime | None, before: datetime | None) -> tuple[str, str]:
    """Return the bounds of the places of a kind, created at `after` or later and before `before`: first and beyond."""
    rank = KINDS.index(kind)
    first = f"{rank}" if before is None else f"{rank}{_age(before - timedelta(milliseconds=1))}"
    beyond = f"{rank + 1}" if after is None else f"{rank}{_age(after - timedelta(milliseconds=1))}"
    return first, beyond


def _age(date: datetime) -> str:
    """Return a text of fixed length that comes the earlier, the later the date is."""
    age = max(_FAR_FUTURE - (date - _EPOCH) // timedelta(milliseconds=1), 0)
    return "".join(_IN_ORDER[age >> 6 * digit & 63] for digit in reversed(range(_AGE_LENGTH)))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_WITHOUT_ACCENT)


def _lengths(word: str) -> tuple[int, ...]:
    return DIGIT_LENGTHS if word[:1].isdigit() else LETTER_LENGTHS


def _beginnings(word: str) -> Iterator[str]:
    lengths = _lengths(word)
    yield from (word[:length] for length in lengths if length <= len(word))
    if word[0].isdigit() and len(word) <= lengths[-1]:
        yield word


def _whole(value: str) -> str:
    return WHOLE + "".join(value.casefold().split())


def _wholes(record: Record) -> Iterator[str]:
    for kind, value in record.identifiers:
        if kind == IdentifierType.PHONE.value:
            yield WHOLE + _digits(value)
        elif kind not in NEVER_SEARCHED:
            yield _whole(value)


def _identifier_words(record: Record) -> Iterator[str]:
    for kind, value in record.identifiers:
        if kind == IdentifierType.PHONE.value:
            yield from filter(None, [_national(value)])
        elif kind not in NEVER_SEARCHED:
            yield from words_of(value)


def _typed_phone(text: str) -> str | None:
    """Return what a telephone number would begin with, if the text may be one: +41 79..., 0041 79..., 079..."""
    if not _PHONE.fullmatch(text):
        return None
    number = _national("+" + text[2:] if text.startswith("00") else text)
    return number if len(number) >= _MIN_PHONE_DIGITS else None


def _national(number: str) -> str:
    """Return the digits of a telephone number without the code of its country and the zero in front of the area's."""
    digits = _digits(number)
    code = _COUNTRY_CODE.match(digits) if number.startswith("+") else None
    return digits[code.end() if code else 0 :].lstrip("0")


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, _folded(text)))


def _text(value: object) -> str:
    """Return everything that a field says, in one text."""
    if isinstance(value, Mapping):
        return " ".join(_text(part) for part in value.values())
    if isinstance(value, list | tuple):
        return " ".join(_text(part) for part in value)
    return "" if value is None or isinstance(value, bool) else str(value)
