import os
import subprocess
import sys

from gateway.storage.embedded import parent_only

# In a process of its own: a fork of the test process would take its threads' locks along
WRITE_FROM_A_FORK = """
import os
from gateway.storage.embedded import parent_only
writing = parent_only.hold(os.pipe()[1])
if os.fork() == 0:
    os.write(writing, b"x")
os.wait()
"""


def test_a_fork_does_not_have_the_descriptor() -> None:
    command = [sys.executable, "-c", WRITE_FROM_A_FORK]
    assert "Bad file descriptor" in subprocess.run(command, check=False, capture_output=True, text=True).stderr


def test_a_descriptor_is_closed_once() -> None:
    reading, writing = os.pipe()
    parent_only.hold(writing)
    parent_only.release(writing)
    parent_only.release(writing)
    assert os.read(reading, 1) == b""
    os.close(reading)
