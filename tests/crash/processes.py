"""What the operating system knows of a process."""

from pathlib import Path


def resident_megabytes(pid: int) -> float:
    """Return the memory that the process holds now (RSS), in units of 1024 * 1024 bytes; Linux."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
