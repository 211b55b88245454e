"""Collection `predictionModels`: what was learned for each outcome; the newest one serves."""

from datetime import datetime
from typing import ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from gateway.storage.documents.shape import Stored


class PredictionModelDocument(Stored):
    """A stored model.

    `reached[k-1]` counts past sessions that viewed k pages without having reached the outcome before, `achieved[k-1]`
    those of them that went on to reach it; the last place stands for that many pages or more.
    """

    outcome_id: str
    kind: str
    trained_date: datetime
    session_count: int
    achieved_count: int
    reached: list[int]
    achieved: list[int]

    class Settings:
        """Collection and indexes."""

        name = "predictionModels"
        indexes: ClassVar = [
            IndexModel([("outcomeId", ASCENDING), ("trainedDate", DESCENDING)], name="outcome"),
        ]
