import json
from pathlib import Path

import pytest

from gateway.storage.embedded import mongod_log


def entry(severity: str, text: str, /, **attributes: object) -> str:
    return json.dumps({"s": severity, "msg": text, "attr": attributes})


FULL = "WT_SESSION.create: write: No space left on device"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param([], mongod_log.NO_REASON, id="nothing"),
        pytest.param([entry("I", "Now exiting")], mongod_log.NO_REASON, id="nothing serious"),
        pytest.param(
            [entry("I", "options"), entry("E", "DBException in initAndListen", error="Read-only file system\n (30)")],
            "DBException in initAndListen: Read-only file system (30)",
            id="error with its attribute in one line",
        ),
        pytest.param(
            [entry("E", "WiredTiger error message", message={"msg": FULL}), entry("F", "Fatal assertion")],
            f"WiredTiger error message: {FULL}",
            id="the first cause and not what follows from it",
        ),
        pytest.param(
            ["mongod: error while loading shared libraries: libcurl.so.4", "more"],
            "mongod: error while loading shared libraries: libcurl.so.4",
            id="before the log is open",
        ),
        pytest.param(["[1, 2]"], "[1, 2]", id="JSON that is no entry"),
        pytest.param(['{"s": "E"}'], "None", id="an entry without a message"),
    ],
)
def test_the_reason_is_taken_from_the_log(lines: list[str], reason: str, tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text("\n".join(lines))
    assert mongod_log.reason(log, 0) == reason


def test_what_an_earlier_run_said_is_no_reason(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text(entry("E", "long ago") + "\n")
    start = mongod_log.size_of(log)
    with log.open("a") as file:
        file.write(entry("E", "now") + "\n")
    assert mongod_log.reason(log, start) == "now"


def test_no_log_gives_no_reason(tmp_path: Path) -> None:
    assert mongod_log.reason(tmp_path / "mongod.log", 0) == mongod_log.NO_REASON


def test_a_short_log_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    assert not mongod_log.rotate(log)
    log.write_text("short")
    assert not mongod_log.rotate(log)
    assert log.read_text() == "short"


def test_a_long_log_is_put_aside_in_place_of_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod_log, "LARGEST_LOG", 4)
    log = tmp_path / "mongod.log"
    for text in ("first", "second"):
        log.write_text(text)
        assert mongod_log.rotate(log)
    assert not log.exists()
    assert (tmp_path / "mongod.log.1").read_text() == "second"
