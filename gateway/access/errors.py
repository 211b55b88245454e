"""What goes wrong in this room.

AccessError
├── IssuerUnreachable   none of the issuer's keys is known: nobody can say now whether its tokens are good
├── BadAnswerOfIssuer   the issuer answered, with something that cannot be used
└── MoreThanOwn         somebody would make a token or a role that opens more than his own
"""


class AccessError(Exception):
    """Root of the errors of this room."""


class IssuerUnreachable(AccessError):
    """Raised when an OpenID Connect issuer never answered, or not for a day; asking again later may help."""

    def __init__(self, issuer: str) -> None:
        #: URL of the issuer.
        self.issuer = issuer
        super().__init__(f"The OpenID Connect issuer {issuer} does not answer: see the log, and try again.")


class BadAnswerOfIssuer(AccessError):
    """Raised for a document of the issuer that cannot be used; the text tells what is wrong with it."""


class MoreThanOwn(AccessError):
    """Raised when a token or a role would have permissions, or concern divisions, that its maker lacks."""

    def __init__(self, message: str, permission: str | None = None) -> None:
        #: The first of the permissions that the maker lacks; None where divisions are what is lacking.
        self.permission = permission
        super().__init__(message)
