"""Why a model serves or does not, and what is missing to learn more, as a sentence for its card."""

from collections.abc import Mapping
from typing import Any

from gateway.prediction.learned import LEARNED
from gateway.prediction.learning import missing_of
from gateway.prediction.model_rows import broken, is_readable


def status_of(row: Mapping[str, Any]) -> str:
    """Return what training has said of the model that is stored so, or else what its numbers say."""
    status: str | None = row.get("status")
    if status is not None:
        return status
    if row["kind"] == LEARNED:
        return "Does not serve." if row.get("isRejected") else "Serves."
    missing = missing_of(row["sessionCount"], row["achievedCount"])
    if missing is not None:
        return f"Shares by page views serve, as there is too little to learn from: {missing}."
    return "Shares by page views serve until a model has been trained that is better."


def serving_status(row: Mapping[str, Any], packed_trees: bytes | None) -> str:
    """Return the same of the model that serves, which may turn out not to be readable."""
    if row["kind"] == LEARNED and not is_readable(row, packed_trees):
        return f"T{broken(row)[1:]}."
    return status_of(row)
