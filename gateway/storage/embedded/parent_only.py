"""File descriptors that only this process may hold: a child that is started never gets them, and a fork closes them.

A lock, or the pipe whose end tells that we are gone, would otherwise live on in a worker that outlives its parent.
"""

import os

_held: set[int] = set()


def hold(descriptor: int) -> int:
    """Mark a descriptor as ours alone, and return it. Python itself keeps it from programs that we start (PEP 446)."""
    _held.add(descriptor)
    return descriptor


def release(descriptor: int) -> None:
    """Close a descriptor that `hold` has marked; a second call does nothing."""
    if descriptor in _held:
        _held.remove(descriptor)
        os.close(descriptor)


def _close_all() -> None:
    for descriptor in tuple(_held):
        release(descriptor)


os.register_at_fork(after_in_child=_close_all)
