"""What can go wrong while collecting.

SnippetError
├── RefusedRequest   nothing in the request can be taken; answered with the status of its reason
├── RefusedEvent     one event cannot be taken; the rest of its batch is
├── IntakeBusy       nothing can be taken now; the sender should try again
└── TagNotBuilt      the file behind /tag.js does not exist
"""

from snippet.refusal import Refusal


class SnippetError(Exception):
    """Anything that this room raises on purpose."""


class RefusedRequest(SnippetError):
    """Nothing in this request can be taken.

    `message` is one sentence that names the field and its value.
    """

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class RefusedEvent(SnippetError):
    """This event cannot be taken; the others of its batch are not concerned.

    `message` is one sentence that names the field and its value.
    """

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class IntakeBusy(SnippetError):
    """The intake can take nothing now; nothing of the delivery was done. `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"the intake is busy; try again in {retry_after} s")
        self.retry_after = retry_after


class TagNotBuilt(SnippetError):
    """The bundled tag is not where it should be: build it, or reinstall the package."""
