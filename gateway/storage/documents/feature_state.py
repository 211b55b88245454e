"""Part of sessions: what predictions are told from. It is written with every event, so it is packed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.journey.feature_state import FeatureState
from gateway.storage.database import Row

StoredFeatureState = dict[str, Any]
"""Fields: visits, and `packed`, which is MessagePack: the fields of the state in their order."""


def feature_state_row(state: FeatureState | None) -> Row | None:
    """Return the state as it is stored."""
    return None if state is None else {"visits": state.visits, "packed": _pack(state)}


def feature_state_from(row: Mapping[str, Any]) -> FeatureState | None:
    """Return the state of a stored session, None where it has none, or one of a form that was given up."""
    packed = row.get("featureState", {}).get("packed")
    return None if packed is None else _unpack(packed)


def visits_of(row: Mapping[str, Any]) -> int:
    """Return the number of a stored session among those of its contact, 0 where it is unknown."""
    return int(row.get("featureState", {}).get("visits", 0))


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(FeatureState).decode
