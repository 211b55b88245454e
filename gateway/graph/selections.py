"""Walking through what a document selects as its executor does: what a fragment selects stands where it is spread."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]
Groups = Mapping[str, list[FieldNode]]
"""Fields by the names that they have in the answer: those of one name are executed as one."""


def fragments_of(document: DocumentNode) -> Fragments:
    """Return the fragments of a document by name."""
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def selected(
    sets: Iterable[SelectionSetNode],
    fragments: Fragments,
    enters: Callable[[SelectionNode, FragmentDefinitionNode | None], bool] = lambda _node, _fragment: True,
) -> Iterator[SelectionNode]:
    """Yield every selection on one level of an answer: fields, and the fragments that they come from.

    `enters` is asked for each, with the fragment that a spread leads to; what it does not enter is left out. Each
    fragment is entered once, as in the executor; so circles end. Nothing recurses, however deep fragments nest.
    """
    entered: set[str] = set()
    waiting = [iter(of_set.selections) for of_set in sets]
    waiting.reverse()
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        fragment = fragments.get(node.name.value) if isinstance(node, FragmentSpreadNode) else None
        if not enters(node, fragment):
            continue
        yield node
        if isinstance(node, InlineFragmentNode):
            waiting.append(iter(node.selection_set.selections))
        elif fragment is not None and fragment.name.value not in entered:
            entered.add(fragment.name.value)
            waiting.append(iter(fragment.selection_set.selections))


def grouped(nodes: Iterable[SelectionNode]) -> Groups:
    """Return the fields among these selections by the names that they have in the answer."""
    groups: dict[str, list[FieldNode]] = {}
    for node in nodes:
        if isinstance(node, FieldNode):
            groups.setdefault((node.alias or node.name).value, []).append(node)
    return groups


def within(nodes: Iterable[FieldNode]) -> list[SelectionSetNode]:
    """Return what is selected of fields of one name."""
    return [node.selection_set for node in nodes if node.selection_set]
