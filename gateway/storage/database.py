"""The types that other rooms use to pass a database along and to hold what came out of it."""

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

Row = dict[str, Any]
"""A document as MongoDB holds it: the values are BSON's, of any type."""

Database = AsyncDatabase[Row]
"""A database whose documents are rows."""
