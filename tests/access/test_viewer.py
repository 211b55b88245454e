"""What a viewer may do and sees."""

import pytest

from gateway.access.permissions import Permission
from gateway.access.viewer import Viewer
from gateway.journey.division import HOME

MAY = frozenset({Permission.SESSION_VIEW, Permission.EVENT_VIEW})


def test_a_viewer_may_what_he_has_a_permission_for() -> None:
    assert Viewer("Ada", "agent", MAY).may(Permission.EVENT_VIEW)
    assert not Viewer("Ada", "agent", MAY).may(Permission.TOKEN_ADD)
    assert not Viewer("Ada", "admin").may(Permission.EVENT_VIEW), "the name of a role gives nothing by itself"


@pytest.mark.parametrize(
    ("divisions", "division", "seen"),
    [
        pytest.param(None, "north", True, id="all"),
        pytest.param(None, None, True, id="all, of the home division"),
        pytest.param({"north"}, "north", True, id="his own"),
        pytest.param({"north"}, "south", False, id="another"),
        pytest.param({"north"}, None, False, id="the home division, which is none of his"),
        pytest.param({"north", HOME}, None, True, id="the home division, which is his"),
        pytest.param(set(), "north", False, id="none"),
    ],
)
def test_a_viewer_sees_what_is_of_his_divisions(
    divisions: set[str] | None, division: str | None, *, seen: bool
) -> None:
    viewer = Viewer("Ada", "agent", MAY, None if divisions is None else frozenset(divisions))
    assert viewer.sees(division) == seen


@pytest.mark.parametrize(
    ("own", "wanted", "covered"),
    [
        pytest.param(None, None, True, id="all of all"),
        pytest.param(None, {"north"}, True, id="one of all"),
        pytest.param({"north"}, None, False, id="all of one"),
        pytest.param({"north", "south"}, {"north"}, True, id="one of two"),
        pytest.param({"north"}, {"north", "south"}, False, id="two of one"),
    ],
)
def test_a_viewer_covers_who_may_and_sees_no_more_than_he(
    own: set[str] | None, wanted: set[str] | None, *, covered: bool
) -> None:
    viewer = Viewer("Ada", "agent", MAY, None if own is None else frozenset(own))
    divisions = None if wanted is None else frozenset(wanted)
    assert viewer.covers(frozenset({Permission.EVENT_VIEW}), divisions) == covered
    assert not viewer.covers({*MAY, Permission.TOKEN_ADD}, divisions)
