"""Part of sessions: what predictions are told from. It is written with every event, so its whole numbers are packed."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.journey.feature_state import Attribute, FeatureState, Number, Place
from gateway.storage.database import Row
from gateway.storage.documents.shape import without_gaps

StoredFeatureState = dict[str, Any]
"""Fields: begun, counts, squaredGaps, places, figures (five numbers a place), recent (numbers of places), gaps,
attributes (name and text, or name and four numbers), context (names and values). Packed: little-endian, 32 bits."""
_COUNTS = ("last_ms", "steps", "pages", "switches", "run", "short_gaps", "long_gaps", "longest_gap", "visits")
_WIDTH = len(Place._fields)


def feature_state_row(state: FeatureState | None) -> Row | None:
    """Return the state as it is stored."""
    if state is None:
        return None
    numbers = {key: number for number, key in enumerate(state.places)}
    return without_gaps(
        (
            ("begun", state.begun),
            ("counts", _packed([getattr(state, name) for name in _COUNTS])),
            ("squaredGaps", state.squared_gaps),
            ("places", list(state.places)),
            ("figures", _packed([figure for place in state.places.values() for figure in place])),
            ("recent", _packed([numbers[key] for key in state.recent])),
            ("gaps", _packed(state.gaps)),
            ("attributes", [_attribute_row(name, value) for name, value in state.attributes.items()]),
            ("context", [text for pair in state.context.items() for text in pair]),
        )
    )


def feature_state_from(row: Mapping[str, Any]) -> FeatureState | None:
    """Return the state of a stored session, None where it has none."""
    stored = row.get("featureState")
    if stored is None:
        return None
    keys = stored.get("places", ())
    figures = _unpacked(stored.get("figures", b""))
    context = stored.get("context", ())
    return FeatureState(
        begun=stored["begun"],
        squared_gaps=stored["squaredGaps"],
        recent=tuple(keys[number] for number in _unpacked(stored.get("recent", b""))),
        gaps=_unpacked(stored.get("gaps", b"")),
        places={key: Place(*figures[at * _WIDTH : (at + 1) * _WIDTH]) for at, key in enumerate(keys)},
        attributes=dict(_attribute(one) for one in stored.get("attributes", ())),
        context=dict(zip(context[::2], context[1::2], strict=True)),
        **dict(zip(_COUNTS, _unpacked(stored["counts"]), strict=True)),
    )


def visits_of(row: Mapping[str, Any]) -> int:
    """Return the number of a stored session among those of its contact, 0 where it is unknown."""
    counts = row.get("featureState", {}).get("counts")
    return _unpacked(counts)[_COUNTS.index("visits")] if counts else 0


def _packed(numbers: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}i", *numbers)


def _unpacked(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 4}i", packed)


def _attribute_row(name: str, value: Attribute) -> list[object]:
    return [name, *value] if isinstance(value, Number) else [name, value]


def _attribute(stored: Sequence[Any]) -> tuple[str, Attribute]:
    name, *told = stored
    return name, Number(*told) if len(told) > 1 else told[0]
