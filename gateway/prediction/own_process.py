"""Processes of their own: started nice, unless intake waits for them, and ended in order."""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress

GRACE_SECONDS = 5.0
"""How long a process that is told to end may take to do so."""
NICENESS = 15
"""Of 19: beside a busy processor it gets a thirtieth of its share, which is enough to start within seconds."""


def program_of(module: str, niceness: int = NICENESS) -> tuple[str, ...]:
    """Return the command that runs `main` of the module; it is nice before anything else is imported."""
    return (sys.executable, "-P", "-c", f"import os; os.nice({niceness}); from {module} import main; main()")


def one_thread() -> Mapping[str, str]:
    """Return the environment of a process with one thread, unless something else is said, and no figures of its own."""
    inherited = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | inherited


async def start(program: tuple[str, ...], environment: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    """Start the program with pipes to its input and from its output.

    It is in a session of its own: a terminal's Ctrl-C is for the server, which ends it in order.
    """
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *program, stdin=pipe, stdout=pipe, env=environment, start_new_session=True
    )


async def end(process: asyncio.subprocess.Process) -> None:
    """End the process, if it has not, by force when it takes too long."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
