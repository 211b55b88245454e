import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.storage.private_files import make_private_directory, write_private_file


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    """A umask that hides nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_directories_that_were_missing_are_for_their_owner_only(tmp_path: Path) -> None:
    make_private_directory(tmp_path / "a" / "b")
    assert mode_of(tmp_path / "a") == 0o700
    assert mode_of(tmp_path / "a" / "b") == 0o700


def test_a_directory_of_the_operator_keeps_the_mode_that_he_gave_it(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o750)
    make_private_directory(theirs)
    make_private_directory(theirs / "ours")
    assert mode_of(theirs) == 0o750
    assert mode_of(theirs / "ours") == 0o700


def test_a_file_in_the_place_of_a_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_private_directory(tmp_path / "file")


def test_a_secret_is_for_its_owner_only(tmp_path: Path) -> None:
    write_private_file(tmp_path / "secret", "ü\n")
    assert (tmp_path / "secret").read_text(encoding="utf-8") == "ü\n"
    assert mode_of(tmp_path / "secret") == 0o600


def test_a_file_that_others_could_read_is_closed_before_the_secret_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("something longer than the secret")
    path.chmod(0o644)
    write_private_file(path, "secret")
    assert path.read_text() == "secret"
    assert mode_of(path) == 0o600


def test_a_secret_is_not_written_to_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "secret").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        write_private_file(tmp_path / "secret", "secret")
    assert not (tmp_path / "elsewhere").exists()
