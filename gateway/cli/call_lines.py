"""Files of tracking calls, one a line (NDJSON): plain or gzip, or standard input; read with bounded memory."""

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import BinaryIO, cast

from gateway.cli.failures import CommandError

STANDARD_INPUT = "-"
LONGEST_LINE = 1024 * 1024
"""Bytes of a line that are read; no call is that long, and a file without line ends must not fill the memory."""
_BUFFER_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without its end; numbers count from 1, blank lines included."""

    number: int
    text: bytes


class CallFile:
    """An open file of calls. `size` is in bytes as they lie on disk, None for a stream."""

    def __init__(self, name: str, raw: io.BufferedReader) -> None:
        self.name = name
        self.size = os.fstat(raw.fileno()).st_size if raw.seekable() else None
        self._raw = raw
        self._position = 0

    @property
    def position(self) -> int:
        """How many bytes on disk were read; a stream has no position."""
        return self._raw.tell() if self.size is not None else 0

    def lines(self) -> Iterator[Line]:
        """Yield the lines, from the first; gzip is told by its first bytes.

        Raises:
            CommandError: the file breaks off, or is no gzip though it begins like one.
        """
        number = 0
        try:
            for number, text in enumerate(_raw_lines(_unpacked(self._raw)), start=1):
                stripped = (text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text).strip()
                if stripped:
                    yield Line(number, stripped)
        except (OSError, EOFError, zlib.error) as error:
            raise CommandError(f"{self.name} cannot be read any further after line {number}: {error}.") from None


@contextmanager
def open_calls(name: str) -> Iterator[CallFile]:
    """Open a file of calls, or standard input for `-`.

    Raises:
        CommandError: it cannot be opened.
    """
    if name == STANDARD_INPUT:
        yield CallFile("standard input", cast("io.BufferedReader", sys.stdin.buffer))
        return
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(Path(name).open("rb", buffering=_BUFFER_BYTES))
        except OSError as error:
            reason = error.strerror or error
            raise CommandError(f"{name} cannot be read ({reason}): name a file of calls, one a line.") from None
        yield CallFile(name, cast("io.BufferedReader", raw))


def fingerprint(name: str) -> str | None:
    """Return what stands for the content of a file, or None for what cannot be read twice."""
    with open_calls(name) as calls:
        if calls.size is None or name == STANDARD_INPUT:
            return None
    with Path(name).open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=15)).hexdigest()


def _unpacked(raw: io.BufferedReader) -> BinaryIO:
    if raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    return raw


def _raw_lines(file: BinaryIO) -> Iterator[bytes]:
    while text := file.readline(LONGEST_LINE):
        yield text
        while len(text) == LONGEST_LINE and not text.endswith(b"\n"):
            text = file.readline(LONGEST_LINE)
