"""Collection `predictionModelTrees`: the trees of learned models by the model's id, read where they serve."""

from gateway.storage.documents.shape import Stored


class PredictionModelTreesDocument(Stored):
    """Trees as `gateway.prediction.boosting` packs them."""

    packed: bytes

    class Settings:
        """Collection."""

        name = "predictionModelTrees"
