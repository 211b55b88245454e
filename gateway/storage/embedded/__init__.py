"""A mongod of our own: found on this machine, started on a locked data directory, and ended with its parent.

`embedded_mongodb(data_dir, join=...)` is all that the rest of the product needs.
"""

from gateway.storage.embedded.server import embedded_mongodb

__all__ = ["embedded_mongodb"]
