from datetime import UTC, datetime

import pytest

from gateway.journey.errors import (
    AlreadyAttached,
    IdentityError,
    MergeConflict,
    SameCustomer,
    UnknownContact,
    UnknownEdge,
    UnknownMerge,
)
from gateway.journey.identity import Cause, Edge, EdgeKind, Rule
from gateway.journey.identity_forest import (
    Forest,
    attached,
    detached,
    link,
    merge,
    unlink,
    unmerge,
    with_contact,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CAUSE = Cause(Rule.AGENT, "jo", NOON)
TREE: dict[str, tuple[str, ...]] = {"a": (), "b": ("a",), "c": ("b", "a"), "d": (), "e": ("d",)}


def forest(*names: str) -> Forest:
    return Forest(dict.fromkeys(names, ()))


def edge(child: str, parent: str) -> Edge:
    return Edge(f"{child}-{parent}", EdgeKind.LINK, child, parent, Rule.AGENT, {}, "jo", NOON)


def merged(before: Forest, merge_id: str, *names: str) -> Forest:
    return merge(before, merge_id, f"head of {merge_id}", names, CAUSE)


def undo(before: Forest, merge_id: str) -> Forest:
    return unmerge(before, merge_id, "jo", NOON)


def test_a_root_that_is_attached_takes_all_below_it_along() -> None:
    after = attached(TREE, "d", "c")
    assert after == TREE | {"d": ("c", "b", "a"), "e": ("d", "c", "b", "a")}
    assert detached(after, "d") == TREE


def test_a_contact_that_is_parted_from_its_parent_is_a_root_with_all_below_it() -> None:
    assert detached(TREE, "b") == TREE | {"b": (), "c": ("b",)}
    assert detached(TREE, "a") == TREE


@pytest.mark.parametrize(
    ("child", "parent", "error"),
    [
        pytest.param("b", "d", AlreadyAttached, id="one that is no root"),
        pytest.param("a", "c", SameCustomer, id="below what stands below it"),
        pytest.param("a", "a", SameCustomer, id="below itself"),
        pytest.param("x", "a", UnknownContact, id="one that is not there"),
        pytest.param("a", "x", UnknownContact, id="below one that is not there"),
    ],
)
def test_what_would_make_no_forest_is_refused(child: str, parent: str, error: type[IdentityError]) -> None:
    with pytest.raises(error, match=r"'[abx]'"):
        attached(TREE, child, parent)


def test_a_merge_puts_whole_merge_sets_below_a_new_contact_and_undoing_it_restores_them_exactly() -> None:
    before = link(forest("a", "b", "c", "d"), edge("b", "a"))
    after = merged(before, "m", "b", "c")
    head = "head of m"
    assert after.ancestors == {"a": (head,), "b": ("a", head), "c": (head,), "d": (), head: ()}
    assert after.is_head(head)
    assert after.members_of("b") == {"a", "b", "c", head}
    again = undo(after, "m")
    assert again.ancestors == before.ancestors
    assert again.in_force() == before.in_force()
    assert {edge.undone_by for edge in again.edges.values() if edge.merge_id == "m"} == {"jo"}


def test_contacts_of_one_merge_set_are_merged_once() -> None:
    before = link(forest("a", "b", "c"), edge("b", "a"))
    assert len(merged(before, "m", "a", "b", "c").in_force()) == 3
    with pytest.raises(SameCustomer, match="'a', 'b' are one customer already"):
        merged(before, "m", "a", "b")


def test_what_came_after_the_merge_stays_with_the_side_that_it_was_linked_to() -> None:
    after = link(merged(forest("a", "b", "new"), "m", "a", "b"), edge("new", "b"))
    assert after.ancestors["new"] == ("b", "head of m")
    assert undo(after, "m").ancestors == {"a": (), "b": (), "new": ("b",)}


def test_what_was_linked_to_the_head_itself_stays_with_it_until_that_is_undone() -> None:
    after = link(merged(forest("a", "b", "new"), "m", "a", "b"), edge("new", "head of m"))
    parted = undo(after, "m")
    assert parted.ancestors == {"a": (), "b": (), "new": ("head of m",), "head of m": ()}
    assert not parted.is_head("head of m")
    assert unlink(parted, "new-head of m", "jo", NOON).ancestors == {"a": (), "b": (), "new": ()}


def test_a_merge_whose_head_was_merged_again_is_undone_after_the_later_one() -> None:
    twice = merged(merged(forest("a", "b", "c"), "m", "a", "b"), "later", "c", "b")
    with pytest.raises(MergeConflict, match="it went into the merge 'later' since") as refused:
        undo(twice, "m")
    assert refused.value.merge_id == "later"
    assert undo(undo(twice, "later"), "m").ancestors == {"a": (), "b": (), "c": ()}


def test_a_merge_whose_head_was_linked_is_undone_after_the_link() -> None:
    after = link(merged(forest("a", "b", "c"), "m", "a", "b"), edge("head of m", "c"))
    with pytest.raises(MergeConflict, match="its contact was linked by 'head of m-c' since") as refused:
        undo(after, "m")
    assert (refused.value.edge_id, refused.value.merge_id) == ("head of m-c", None)


def test_a_part_of_a_merge_is_not_undone_alone() -> None:
    after = merged(forest("a", "b"), "m", "a", "b")
    with pytest.raises(MergeConflict, match="part of the merge 'm': undo that as a whole"):
        unlink(after, next(iter(after.edges)), "jo", NOON)


def test_what_is_not_in_force_cannot_be_undone() -> None:
    linked = link(forest("a", "b"), edge("b", "a"))
    once = unlink(linked, "b-a", "jo", NOON)
    assert once.ancestors == {"a": (), "b": ()}
    for edge_id in ("b-a", "unheard"):
        with pytest.raises(UnknownEdge, match=edge_id):
            unlink(once, edge_id, "jo", NOON)
    parted = undo(merged(forest("a", "b"), "m", "a", "b"), "m")
    for merge_id in ("m", "unheard"):
        with pytest.raises(UnknownMerge, match=merge_id):
            undo(parted, merge_id)


def test_a_contact_that_is_there_already_keeps_its_place() -> None:
    assert with_contact(Forest(TREE), "c") == Forest(TREE)
    assert with_contact(Forest(TREE), "new").root_of("new") == "new"
