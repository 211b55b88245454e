"""Made-up documents meet next to nothing: here half of their values are exchanged for some that lead on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from zlib import crc32

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    IntValueNode,
    NullValueNode,
    ObjectFieldNode,
    StringValueNode,
    ValueNode,
    Visitor,
    print_ast,
    visit,
)

Ids = Mapping[str, Sequence[str]]
"""Ids of things that are there, by the type of node in small letters."""
PAGE_SIZES = ("1", "2", "20")
TEXTS = ("Ada", "order_completed", "ada@shop.example", "https://shop.example/a", "+41446681800", "agent", "en")
CURSORS = frozenset({"after", "before"})
SIZES = frozenset({"first", "last"})


def aimed(ids: Ids, spared: Collection[str]) -> Callable[[DocumentNode], str]:
    """Return how a made-up document is written down; texts that are `spared` stay as they are."""
    return lambda document: print_ast(visit(document, _Aim(ids, spared)))


class _Aim(Visitor):
    """Exchanges values by the name of their argument; the values themselves decide how, so that each run is alike."""

    def __init__(self, ids: Ids, spared: Collection[str]) -> None:
        super().__init__()
        self._ids = ids
        self._spared = spared
        self._all_ids = [id_ for some in ids.values() for id_ in some]
        self._fields: list[str] = []
        self._seen = 0

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._fields.append(node.name.value.lower())

    def leave_field(self, *_: object) -> None:
        self._fields.pop()

    def enter_argument(self, node: ArgumentNode, *_: object) -> ArgumentNode | None:
        value = self._better(node.name.value, node.value)
        return ArgumentNode(name=node.name, value=value) if value else None

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> ObjectFieldNode | None:
        value = self._better(node.name.value, node.value)
        return ObjectFieldNode(name=node.name, value=value) if value else None

    def _better(self, name: str, value: ValueNode) -> IntValueNode | NullValueNode | StringValueNode | None:
        """Return a value to stand in its place, or None to leave it."""
        if not isinstance(value, StringValueNode | IntValueNode):
            return None
        self._seen += crc32(value.value.encode(errors="surrogatepass")) % 100 + 1
        if name in CURSORS:
            return NullValueNode() if self._seen % 4 else None
        if name in SIZES and self._seen % 8:
            return IntValueNode(value=self._one_of(PAGE_SIZES))
        if name.lower().endswith("id") and self._seen % 8:
            return StringValueNode(value=self._one_of(self._fitting(name.lower().removesuffix("id"))), block=False)
        is_text = isinstance(value, StringValueNode) and value.value not in self._spared
        return StringValueNode(value=self._one_of(TEXTS), block=False) if is_text and self._seen % 2 else None

    def _fitting(self, kind: str) -> Sequence[str]:
        within = kind or (self._fields[-1] if self._fields else "")
        return next((some for name, some in self._ids.items() if some and name in within), self._all_ids)

    def _one_of(self, values: Sequence[str]) -> str:
        return values[self._seen * 7 % len(values)]
