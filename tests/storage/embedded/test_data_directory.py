from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.embedded.data_directory import DataDirectory, Note
from gateway.storage.errors import DataDirectoryUnusable


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[DataDirectory]:
    directory = DataDirectory(tmp_path / "new" / "data")
    assert directory.lock()
    yield directory
    directory.unlock()


def test_one_owner_at_a_time(directory: DataDirectory) -> None:
    second = DataDirectory(directory.path.parent)
    assert not second.lock()
    directory.unlock()
    directory.unlock()
    assert second.lock()
    second.unlock()


def test_others_read_the_note_of_the_owner_and_of_the_last_owner(directory: DataDirectory) -> None:
    note = Note(pid=1, port=2, url="mongodb://127.0.0.1:2")
    other = DataDirectory(directory.path.parent)
    assert other.note() == Note()
    directory.write_note(note)
    assert other.note() == note
    directory.unlock()
    assert other.note() == note


def test_a_shorter_note_replaces_a_longer_one(directory: DataDirectory) -> None:
    directory.write_note(Note(pid=123_456, port=65_535, url="mongodb://127.0.0.1:65535"))
    directory.write_note(Note(pid=1))
    assert directory.note() == Note(pid=1)


def test_only_the_owner_leaves_a_note(directory: DataDirectory) -> None:
    with pytest.raises(RuntimeError, match="not locked by this process"):
        DataDirectory(directory.path.parent).write_note(Note())


@given(text=st.binary() | st.builds(str.encode, st.from_regex(r'\{"pid": ?("1"|1|null|\[\]), "port": ?.*\}')))
def test_a_note_that_cannot_be_read_is_none(text: bytes) -> None:
    assert isinstance(Note.parse(text), Note)


def test_it_is_for_the_owner_of_the_files_only(directory: DataDirectory) -> None:
    assert directory.path.stat().st_mode & 0o077 == 0


def file_in_its_place(tmp_path: Path) -> Path:
    (tmp_path / "file").touch()
    return tmp_path / "file"


def no_place_for_files(_: Path) -> Path:
    return Path("/proc/no/such/directory")


@pytest.mark.parametrize("place", [file_in_its_place, no_place_for_files])
def test_a_place_where_nothing_can_be_written_is_unusable(place: Callable[[Path], Path], tmp_path: Path) -> None:
    data_dir = place(tmp_path)
    with pytest.raises(DataDirectoryUnusable) as caught:
        DataDirectory(data_dir).lock()
    message = str(caught.value)
    assert message.startswith(f"The data directory {data_dir}/mongodb cannot be used (")
    assert message.endswith("): make it writable, or set JOURNEY_DATA_DIR.")


def test_no_mongod_uses_a_new_directory(directory: DataDirectory) -> None:
    assert directory.mongod_pid() is None


def test_a_path_that_is_too_long_for_a_socket_has_none(tmp_path: Path) -> None:
    near, far = DataDirectory(Path("/data")), DataDirectory(tmp_path / ("x" * 100))
    assert near.unix_socket(27017) == Path("/data/mongodb/mongodb-27017.sock")
    assert far.unix_socket(27017) is None
