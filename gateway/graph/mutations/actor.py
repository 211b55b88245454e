"""Who changes something: what is written beside it."""

from gateway.access.viewer import Viewer
from gateway.graph.errors import Unauthenticated
from gateway.graph.words import Info


def actor_of(info: Info) -> str:
    """Return the name of the token that is used; of one without a name, its role.

    Raises:
        Unauthenticated: nobody we know asks.
    """
    viewer = viewer_in(info)
    return viewer.name or viewer.role


def viewer_in(info: Info) -> Viewer:
    """Return who asks.

    Raises:
        Unauthenticated: nobody we know does.
    """
    viewer = info.context.viewer
    if viewer is None:
        raise Unauthenticated("No token was given.")
    return viewer
