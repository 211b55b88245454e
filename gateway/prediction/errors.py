"""What can go wrong between us and those who ask for previews.

PreviewError
├── PreviewsBusy    too many wait already
└── PreviewFailed   its process has ended without an answer
"""


class PreviewError(Exception):
    """Root of everything that this room raises on purpose."""


class PreviewsBusy(PreviewError):
    """Others are being played, and as many wait as may."""


class PreviewFailed(PreviewError):
    """The process of a preview has ended without an answer; its log says why."""
