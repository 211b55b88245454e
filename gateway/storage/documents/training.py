"""Collection `trainings`: when each outcome was last learned in full, so that all processes know when that is due."""

from datetime import datetime

from gateway.storage.documents.shape import Stored


class TrainingDocument(Stored):
    """The last full training of an outcome, whose id it has.

    `goal` stands for what achieved the outcome then, see `gateway.prediction.training`. One that is not over is under
    way, or has ended before its time.
    """

    goal: str
    started_date: datetime
    is_over: bool

    class Settings:
        """Collection."""

        name = "trainings"
