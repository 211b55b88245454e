"""Files and directories that nobody but their owner may look into, whatever the umask says."""

import os
from pathlib import Path

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600


def make_private_directory(path: Path) -> None:
    """Make a directory, and those above it that are missing, for the owner only; one that is there stays as it is.

    Raises:
        OSError: It cannot be made.
    """
    for missing in [*reversed(path.parents), path]:
        if not missing.exists():
            missing.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
    path.mkdir(exist_ok=True)  # tells of a file in its place


def write_private_file(path: Path, text: str) -> None:
    """Write a file that only the owner may read, also where one was that others could read.

    Raises:
        OSError: It cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, FILE_MODE)  # before the secret is in it
        file.truncate()
        file.write(text)
