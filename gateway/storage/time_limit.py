"""A time that MongoDB may take for all commands of a block: what is left of it goes along with each as maxTimeMS.

So MongoDB ends by itself what nobody waits for any more.
"""

from contextlib import AbstractContextManager

import pymongo


def at_most(seconds: float | None) -> AbstractContextManager[None]:
    """Limit the commands of this block, and of the tasks that are begun in it; None is no limit."""
    return pymongo.timeout(seconds)
