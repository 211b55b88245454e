"""What the crash suite measures is printed at the end of the test run, also when all is well."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.crash.promise import FIGURES
from tests.crash.small_disk import can_mount

SOAK = "JOURNEY_SOAK"
RUNS_IN_SOAK = 20


def is_soak() -> bool:
    """Tell whether the long form was asked for."""
    return os.environ.get(SOAK) == "1"


NEEDS_MOUNT = "test_embedded_disk_full.py"
collect_ignore = [] if is_soak() and can_mount() else [NEEDS_MOUNT]


def pytest_report_header() -> list[str]:
    """Say which test is left out, and why: nothing is skipped in silence."""
    if not collect_ignore:
        return []
    why = "this process may not mount a file system" if is_soak() else f"it belongs to the long form, {SOAK}=1"
    return [f"crash suite: {NEEDS_MOUNT} is left out: {why}"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that takes a `run` one of them, and in the long form twenty; the run is the seed too."""
    if "run" in metafunc.fixturenames:
        runs = RUNS_IN_SOAK if is_soak() else 1
        metafunc.parametrize("run", [pytest.param(run, id=f"seed{run}") for run in range(1, runs + 1)])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures of every test that measured some."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    figures = [(report.nodeid.rpartition("::")[2], dict(report.user_properties).get(FIGURES)) for report in reports]
    told = [f"{name}: {text}" for name, text in figures if text]
    if told:
        terminalreporter.section("crash suite")
        for line in told:
            terminalreporter.line(line)


@pytest.fixture
def soak() -> bool:
    """Whether the long form runs, with the durations of the promise instead of shorter ones."""
    return is_soak()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A directory whose databases are deleted after the test, as each takes hundreds of megabytes; logs stay."""
    yield tmp_path
    for file in list(tmp_path.rglob("WiredTiger")):
        rmtree(file.parent)
