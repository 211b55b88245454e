"""What can go wrong while learning from the past and looking back at it.

PredictionError
├── LightGBMMissing  nothing can be learned, and no trees can be read
└── PreviewError
    ├── PreviewsBusy    too many wait already
    └── PreviewFailed   its process has ended without an answer
"""


class PredictionError(Exception):
    """Root of everything that this room raises on purpose."""


class LightGBMMissing(PredictionError, ValueError):
    """LightGBM cannot be loaded. For who reads a model it is one more that cannot be read."""


class PreviewError(PredictionError):
    """What is told to those who ask for previews."""


class PreviewsBusy(PreviewError):
    """Others are being played, and as many wait as may."""


class PreviewFailed(PreviewError):
    """The process of a preview has ended without an answer; its log says why."""
