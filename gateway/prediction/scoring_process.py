"""The process that asks learned models; `gateway.prediction.scorer` starts it.

It takes requests from its standard input and answers each on its standard output, as MessagePack behind its length. It
ends when its input does.
"""

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import msgspec

from gateway.prediction.model import Model
from gateway.prediction.model_rows import StoredModel, models_of
from gateway.prediction.scene import Moment
from gateway.prediction.scoring import scored
from gateway.storage.documents.prediction import StoredPredictions, StoredTold

HEAD_BYTES = 4
GARBAGE_AFTER = 100_000
"""Objects that are made before garbage is looked for; what answers leave behind is in no circles."""


class Models(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Which models are to be asked from now on: as they are stored, each with its trees."""

    stored: Sequence[tuple[Mapping[str, Any], bytes | None]]


class Moments(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Moments about which the models are asked; `before` are the predictions that are stored, by session."""

    moments: Sequence[Moment]
    before: Mapping[str, StoredPredictions]


class Loaded(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The models are ready."""


class Answered(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """What the models say: see `scoring.Scored`."""

    told: Sequence[StoredTold]
    predictions: Mapping[str, StoredPredictions]


class Failed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The request could not be answered."""

    why: str


Request = Models | Moments
Answer = Loaded | Answered | Failed


def frame_of(message: Request | Answer) -> bytes:
    """Return a message as it is sent."""
    told = _encode(message)
    return len(told).to_bytes(HEAD_BYTES) + told


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # LightGBM writes warnings to the standard output
    serve(sys.stdin.buffer, answers)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each request."""
    models: dict[str, Model] = {}
    while head := requests.read(HEAD_BYTES):
        request = _request(requests.read(int.from_bytes(head)))
        if isinstance(request, Models):
            stored = {row["outcomeId"]: StoredModel(row, trees) for row, trees in request.stored}
            models = models_of(stored, models)
            scored((), models, {})  # what is worked out once for all events is not left to the first of them
            _pass_over()
            answers.write(frame_of(Loaded()))
        else:
            answers.write(frame_of(_answer_to(request, models)))
        answers.flush()


def _answer_to(request: Moments, models: Mapping[str, Model]) -> Answer:
    try:
        return Answered(*scored(request.moments, models, request.before))
    except Exception as error:  # noqa: BLE001 - no event may be lost to whatever is wrong with a prediction
        return Failed(f"{type(error).__name__}: {error}")


def _pass_over() -> None:
    """Let the search for garbage pass over the models: it would look at them every few events, and find nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


_encode = msgspec.msgpack.Encoder().encode
_request = msgspec.msgpack.Decoder(Request).decode
