"""Files of contacts: CSV with headings, a JSON array, or NDJSON, plain or gzip; each row or object by itself.

What cannot be read tells why, and the others are read on.
"""

import csv
import gzip
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import cast

import msgspec

from gateway.cli.contact_columns import Columns, Told, columns_of, told_by_row
from gateway.cli.failures import CommandError
from gateway.cli.former_contacts import ExternalIds, told_by_object
from gateway.journey.errors import InvalidValue
from gateway.journey.identifier import DEFAULT_REGION

DELIMITERS = ",;\t|"
LONGEST_CELL = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_BUFFER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadContact:
    """One row or object: its number from 1, as it stands there, and what it tells, or why it cannot be read."""

    number: int
    raw: object
    told: Told
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read."""

    columns: Mapping[str, str] = field(default_factory=dict)
    external_source: str | None = None
    region: str = DEFAULT_REGION
    encoding: str = "utf-8-sig"


class ContactFile:
    """An open file. `columns` are those of a CSV file, None of other ones; `size` is in bytes as they lie on disk."""

    def __init__(self, name: str, raw: io.BufferedReader, reading: Reading) -> None:
        self.name = name
        self.size = os.fstat(raw.fileno()).st_size
        self.columns: Columns | None = None
        self._raw = raw
        self._reading = reading
        self._text: io.TextIOWrapper | None = None
        self._rows = self._open()

    @property
    def position(self) -> int:
        """How many bytes on disk were read."""
        return self._raw.tell()

    def contacts(self) -> Iterator[ReadContact]:
        """Yield the contacts, from the first.

        Raises:
            CommandError: the file breaks off, or is no gzip though it begins like one.
        """
        try:
            yield from self._rows
        except (OSError, EOFError, gzip.zlib.error) as error:  # type: ignore[attr-defined]  # gzip imports zlib
            raise CommandError(f"{self.name} cannot be read any further: {error}.") from None

    def _open(self) -> Iterator[ReadContact]:
        start = self._raw.read(len(_GZIP_MAGIC))
        self._raw.seek(0)
        is_packed = start == _GZIP_MAGIC
        binary = cast("io.BufferedReader", gzip.GzipFile(fileobj=self._raw)) if is_packed else self._raw
        beginning = binary.peek(_BUFFER_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not beginning:
            raise CommandError(f"{self.name} is empty: name a file of contacts, CSV or JSON.")
        if beginning[:1] in {b"[", b"{"}:
            return self._objects(binary, beginning[:1])
        return self._table(binary)

    def _table(self, binary: io.BufferedReader) -> Iterator[ReadContact]:
        # what is not of this encoding is refused row by row, as no such text can be stored
        text = io.TextIOWrapper(binary, self._reading.encoding, errors="surrogateescape", newline="")
        self._text = text  # which would close the file when nobody knows it any more
        first = text.readline()
        delimiter = max(DELIMITERS, key=first.count)
        csv.field_size_limit(LONGEST_CELL)
        rows = csv.reader(chain([first], text), delimiter=delimiter)
        self.columns = columns_of(next(rows), self._reading.columns)
        return self._cells(rows, self.columns)

    def _cells(self, rows: Iterator[list[str]], columns: Columns) -> Iterator[ReadContact]:
        number = 0
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                yield ReadContact(number, [], {}, f"it is no CSV: {error}")
                continue
            if any(map(str.strip, cells)):
                number += 1
                yield ReadContact(number, cells, told_by_row(columns, cells))

    def _objects(self, binary: io.BufferedReader, beginning: bytes) -> Iterator[ReadContact]:
        external_ids = ExternalIds(self._reading.external_source)
        first = b"" if beginning == b"[" else binary.readline()
        whole = _whole(first, binary) if _goes_on(first) else None
        given = _lines(chain([first], binary)) if whole is None else iter(_contacts_in(whole, self.name))
        return (self._contact(number, one, external_ids) for number, one in enumerate(given, start=1))

    def _contact(self, number: int, given: object, external_ids: ExternalIds) -> ReadContact:
        if not isinstance(given, Mapping):
            problem = f"it is no JSON object: {given}" if isinstance(given, msgspec.DecodeError) else "it is no object"
            return ReadContact(number, str(given), {}, problem)
        try:
            return ReadContact(number, given, told_by_object(given, external_ids, self._reading.region))
        except InvalidValue as error:
            return ReadContact(number, given, {}, str(error))


@contextmanager
def open_contacts(name: Path, reading: Reading) -> Iterator[ContactFile]:
    """Open a file of contacts.

    Raises:
        CommandError: it cannot be opened, or is none.
    """
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(name.open("rb", buffering=_BUFFER_BYTES))
            file = ContactFile(str(name), cast("io.BufferedReader", raw), reading)
        except OSError as error:
            raise CommandError(f"{name} cannot be read ({error.strerror or error}): name a file of contacts.") from None
        except LookupError:
            raise CommandError(
                f"--encoding {reading.encoding!r} is not known: give one like utf-8 or cp1252."
            ) from None
        yield file


def _goes_on(first: bytes) -> bool:
    """Tell whether the first line is no object by itself: then the file as a whole is one value."""
    try:
        return not isinstance(msgspec.json.decode(first), dict) or b'"entities"' in first
    except msgspec.DecodeError:
        return True


def _whole(first: bytes, binary: io.BufferedReader) -> object:
    text = first + binary.read()
    try:
        return msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.DecodeError:
        return _lines(text.splitlines()) if first else msgspec.DecodeError("the array is not complete")


def _contacts_in(whole: object, name: str) -> Iterator[object]:
    """Yield the contacts of an array, of a page of the former product's API ({"entities": [...]}), or of one object."""
    entities = whole.get("entities", [whole]) if isinstance(whole, dict) else whole
    if isinstance(entities, Iterator | list):
        yield from entities
        return
    raise CommandError(f"{name} is no JSON of contacts ({entities}): give an array of objects, or one object a line.")


def _lines(lines: Iterator[bytes] | list[bytes]) -> Iterator[object]:
    for line in lines:
        text = line.strip().removeprefix(b"\xef\xbb\xbf")
        if text:
            try:
                yield msgspec.json.decode(text)
            except msgspec.DecodeError as error:
                yield error
