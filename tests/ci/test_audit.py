"""`make audit` fails for a flaw that is known, and for nothing else."""

import runpy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / ".ci" / "audit.py"
Package = Mapping[str, object]
SOUND: Package = {"name": "sound", "version": "1.0", "vulns": []}
FLAWED: Package = {
    "name": "flawed",
    "version": "1.0",
    "vulns": [{"id": "CVE-1", "fix_versions": ["1.1", "2.0"]}, {"id": "CVE-2", "fix_versions": []}],
}
UNKNOWN: Package = {"name": "ours", "skip_reason": "not found"}


@pytest.fixture(scope="module")
def verdict() -> Callable[[Sequence[Package]], tuple[list[str], int]]:
    found: Callable[[Sequence[Package]], tuple[list[str], int]] = runpy.run_path(str(AUDIT))["verdict"]
    return found


@pytest.mark.parametrize(
    ("packages", "lines", "code"),
    [
        pytest.param([SOUND], ["1 pinned versions were looked up, 0 flaws are known."], 0, id="sound"),
        pytest.param(
            [SOUND, FLAWED, UNKNOWN],
            [
                "flawed 1.0: CVE-1, fixed in 1.1, 2.0",
                "flawed 1.0: CVE-2, fixed in no version yet",
                "2 pinned versions were looked up, 2 flaws are known, 1 more are unknown there.",
            ],
            1,
            id="a flaw",
        ),
        pytest.param(
            [UNKNOWN],
            ["Nothing could be looked up, so nothing is known of flaws in the pinned versions."],
            0,
            id="an index that knows nothing",
        ),
        pytest.param(
            [],
            ["Nothing could be looked up, so nothing is known of flaws in the pinned versions."],
            0,
            id="no network",
        ),
    ],
)
def test_a_known_flaw_fails_the_build_and_silence_does_not(
    verdict: Callable[[Sequence[Package]], tuple[list[str], int]], packages: list[Package], lines: list[str], code: int
) -> None:
    assert verdict(packages) == (lines, code)


def test_no_network_is_told_and_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real pip-audit, behind a proxy that is not there."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    pinned = tmp_path / "constraints.txt"
    pinned.write_text("starlette==1.0\n")
    assert runpy.run_path(str(AUDIT))["_looked_up"](pinned) == []
