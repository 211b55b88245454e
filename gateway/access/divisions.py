"""What a viewer sees of the divisions' journeys, and of their contacts where these are kept apart."""

from gateway.access.viewer import Viewer
from gateway.storage.sight import Sight

_NOBODYS = frozenset[str]()


def sight_of(viewer: Viewer | None, *, contacts_apart: bool) -> Sight:
    """Return what the viewer sees; who is nobody sees of no division anything."""
    return Sight(_NOBODYS if viewer is None else viewer.divisions, contacts_apart)
