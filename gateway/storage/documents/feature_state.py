"""Part of sessions: what predictions are told from. It is written with every event, so it is packed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.journey.feature_state import Attribute, FeatureState, Place
from gateway.storage.database import Row

StoredFeatureState = dict[str, Any]
"""Fields: visits, and `packed`, which is MessagePack: the fields of the state in their order, of which `recent` holds
numbers of places."""
_Packed = tuple[
    int,
    int,
    int,
    int,
    int,
    int,
    int,
    int,
    int,
    float,
    int,
    tuple[int, ...],
    tuple[int, ...],
    dict[str, Place],
    dict[str, Attribute],
    dict[str, str],
]
_RECENT = FeatureState._fields.index("recent")


def feature_state_row(state: FeatureState | None) -> Row | None:
    """Return the state as it is stored."""
    if state is None:
        return None
    numbers = {key: number for number, key in enumerate(state.places)}
    recent = [numbers[key] for key in state.recent]
    return {"visits": state.visits, "packed": _pack((*state[:_RECENT], recent, *state[_RECENT + 1 :]))}


def feature_state_from(row: Mapping[str, Any]) -> FeatureState | None:
    """Return the state of a stored session, None where it has none, or one of a form that was given up."""
    packed = row.get("featureState", {}).get("packed")
    if packed is None:
        return None
    told = _unpack(packed)
    keys = list(told[-3])
    return FeatureState._make(
        (*told[:_RECENT], tuple([keys[number] for number in told[_RECENT]]), *told[_RECENT + 1 :])
    )


def visits_of(row: Mapping[str, Any]) -> int:
    """Return the number of a stored session among those of its contact, 0 where it is unknown."""
    return int(row.get("featureState", {}).get("visits", 0))


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Packed).decode
