"""Files of calls: what is a line, and what happens to files that are none."""

import gzip
from pathlib import Path

import pytest

from gateway.cli.call_lines import LONGEST_LINE, Line, fingerprint, open_calls
from gateway.cli.failures import CommandError


def lines_of(path: Path) -> list[Line]:
    with open_calls(str(path)) as calls:
        return list(calls.lines())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", [], id="an empty file has none"),
        pytest.param(b"{}\n{}\n", [Line(1, b"{}"), Line(2, b"{}")], id="one after the other"),
        pytest.param(b"{}\n{}", [Line(1, b"{}"), Line(2, b"{}")], id="the last without an end"),
        pytest.param(b"{}\r\n \n\n[]\r\n", [Line(1, b"{}"), Line(4, b"[]")], id="blank ones count, but are none"),
        pytest.param(b"\xef\xbb\xbf{}\n", [Line(1, b"{}")], id="behind a byte order mark"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_lines_are_what_is_not_blank(content: bytes, expected: list[Line], pack: type[bytes], tmp_path: Path) -> None:
    path = tmp_path / "whatever.name"
    path.write_bytes(pack(content))
    assert lines_of(path) == expected


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"x" * (3 * LONGEST_LINE + 7) + b"\n{}\n")
    first, second = lines_of(path)
    assert (first.number, len(first.text)) == (1, LONGEST_LINE)
    assert second == Line(2, b"{}")


def test_a_gzip_file_that_breaks_off_gives_its_lines_first(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    content = b"".join(b'{"number": %d}\n' % number for number in range(100_000))
    path.write_bytes(gzip.compress(content)[:-1000])
    seen: list[Line] = []
    with open_calls(str(path)) as calls, pytest.raises(CommandError, match=r"cut\.gz cannot be read any further"):
        seen.extend(calls.lines())
    assert seen[-1].number == len(seen) > 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("absent", "No such file", id="there is none"),
        pytest.param(".", "Is a directory", id="a directory"),
    ],
)
def test_a_file_that_cannot_be_opened_is_named(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=reason), open_calls(str(tmp_path / name)):
        pass


def test_the_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    for name, content in {"a": b"{}", "b": b"{}", "c": b"[]"}.items():
        (tmp_path / name).write_bytes(content)
    a, b, c = (fingerprint(str(tmp_path / name)) for name in "abc")
    assert a == b != c
    assert fingerprint("-") is None
