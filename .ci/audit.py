"""Look up the pinned versions in the public list of known flaws; a version that is on it fails the build.

No answer is no verdict: without a network, or where a package index knows none of the packages, this says so and
succeeds. A build must not depend on somebody else's server; a flaw that is known today is found by the next run.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
PIP_AUDIT = Path(sys.executable).with_name("pip-audit")
PATIENCE_SECONDS = 180
NO_VERDICT = "Nothing could be looked up, so nothing is known of flaws in the pinned versions."


def main() -> int:
    """Look up, say what came out, and return the exit code."""
    lines, code = verdict(_looked_up(ROOT / "constraints.txt"))
    print("\n".join(lines))
    return code


def verdict(packages: Sequence[Mapping[str, Any]]) -> tuple[list[str], int]:
    """Return what is to be said about these packages, as pip-audit describes them, and the exit code."""
    known = [package for package in packages if "vulns" in package]
    flaws = [_flaw(package, vuln) for package in known for vuln in package["vulns"]]
    if not known:
        return [NO_VERDICT], 0
    unknown = len(packages) - len(known)
    beside = f", {unknown} more are unknown there" if unknown else ""
    return [*flaws, f"{len(known)} pinned versions were looked up, {len(flaws)} flaws are known{beside}."], int(
        bool(flaws)
    )


def _flaw(package: Mapping[str, Any], vuln: Mapping[str, Any]) -> str:
    fixed = ", ".join(vuln["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {vuln['id']}, fixed in {fixed}"


def _looked_up(pinned: Path) -> Sequence[Mapping[str, Any]]:
    with TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        # The pinned list is complete, so nothing is resolved or downloaded: names and versions are looked up, no more.
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--output", report]
        try:
            told = subprocess.run(  # noqa: S603 - our own program, with constant arguments
                [PIP_AUDIT, "--requirement", pinned, *options],
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return []
        if not report.exists() or not report.read_text().strip():
            print(told.stderr.strip()[-500:], file=sys.stderr)
            return []
        packages: list[Mapping[str, Any]] = json.loads(report.read_text())["dependencies"]
        return packages


if __name__ == "__main__":
    sys.exit(main())
