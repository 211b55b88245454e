"""How large a document may be: counted before it is parsed, and again before it is validated.

    check_text(text, limits)          before parsing, once for each text
    check_document(document, limits)  after parsing and before validating, once for each document

Both take a time that grows with the document alone. Parsing, validating and executing do not: a few hundred fields of
the same name are validated in pairs, and fragments in fragments stand for more fields than there are bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.graph.errors import LimitExceeded
from gateway.graph.selections import Fragments, fragments_of, grouped, selected, within
from gateway.settings import Settings

MAX_SELECTIONS = 50_000
"""Selections that are counted where tokens have no limit: a document that doubles at each level has no end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may hold; 0 is no limit."""

    characters: int = 80_000
    tokens: int = 4_000
    #: Brackets within one another: the parser recurses at each, and Python ends that at some hundred.
    nesting: int = 100
    #: Fields within one another.
    depth: int = 15
    #: Fields under another name, counted where their fragments are spread.
    aliases: int = 50
    #: Fields of the same name in the same place, which come to one; colocated fragments need some.
    duplicates: int = 20
    directives: int = 50
    #: Operations and fragments.
    definitions: int = 100
    #: Fields and fragments, counted where fragments are spread: what execution has to go through.
    selections: int = 5_000
    #: What one operation may cost at most, estimated: see `cost`.
    cost: int = 50_000

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits of these settings; what grows with the tokens is told by them."""
        tokens = settings.max_tokens
        return cls(
            characters=20 * tokens,
            tokens=tokens,
            depth=settings.max_depth,
            aliases=settings.max_aliases,
            selections=tokens * 5 // 4 or MAX_SELECTIONS,
            cost=settings.max_cost,
        )


def check_text(text: str, limits: Limits) -> None:
    """Refuse a text that is not worth parsing.

    Raises:
        LimitExceeded: it has too many characters, tokens or directives, or brackets nest too deep.
    """
    _check("characters", len(text), limits.characters)
    directives = nesting = 0
    for tokens, found in enumerate(_TOKEN.finditer(text)):
        _check("tokens", tokens, limits.tokens)
        token = found[1]
        if not token:
            break
        directives += token.startswith("@")
        nesting += _BRACKETS.get(token, 0)
        _check("nesting", nesting, limits.nesting)
    _check("directives", directives, limits.directives)


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document that is not worth validating, whichever of its operations is asked for.

    Raises:
        LimitExceeded: it holds too much, or its fragments go round in a circle.
    """
    _check("definitions", len(document.definitions), limits.definitions)
    fragments = fragments_of(document)
    _check_circles(fragments)
    walk = _Walk(fragments, limits)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            walk.through(node)
    for name, fragment in fragments.items():
        if name not in walk.spread:  # used by no operation; validation looks at it nevertheless
            walk.through(fragment)


class _Walk:
    """Counts what definitions select, and refuses when it is too much. `spread` are the fragments met so far."""

    def __init__(self, fragments: Fragments, limits: Limits) -> None:
        self.spread: set[str] = set()
        self._fragments = fragments
        self._limits = limits
        self._selections = 0

    def through(self, definition: ExecutableDefinitionNode) -> None:
        """Count what one operation or fragment selects, level by level."""
        aliases = 0
        levels: list[tuple[tuple[str, ...], list[SelectionSetNode]]] = [((), [definition.selection_set])]
        while levels:
            path, sets = levels.pop()
            groups = grouped(self._counted(sets, path))
            for name, nodes in groups.items():
                place = (*path, name)
                _check("duplicates", len(nodes), self._limits.duplicates, place)
                aliases += sum(node.alias is not None for node in nodes)
                _check("aliases", aliases, self._limits.aliases, place)
                _check("depth", len(place), self._limits.depth, place)
                if deeper := within(nodes):
                    levels.append((place, deeper))

    def _counted(self, sets: list[SelectionSetNode], path: tuple[str, ...]) -> Iterator[SelectionNode]:
        for node in selected(sets, self._fragments):
            self._selections += 1
            _check("selections", self._selections, self._limits.selections, path)
            if isinstance(node, FragmentSpreadNode):
                self.spread.add(node.name.value)
            yield node


def _check_circles(fragments: Fragments) -> None:
    try:
        TopologicalSorter({name: _spreads_in(fragment) for name, fragment in fragments.items()}).prepare()
    except CycleError as error:
        circle = [*error.args[1]]
        shown = " -> ".join(circle[:_SHOWN] + ["..."] * (len(circle) > _SHOWN))
        message = f"The fragments of the document go round in a circle: {shown}."
        raise LimitExceeded(message, limit="circular fragments", sent=circle[:_SHOWN]) from None


def _spreads_in(fragment: FragmentDefinitionNode) -> set[str]:
    names: set[str] = set()
    sets = [fragment.selection_set]
    while sets:
        for node in sets.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                names.add(node.name.value)
            elif (deeper := getattr(node, "selection_set", None)) is not None:
                sets.append(deeper)
    return names


def _check(limit: str, sent: int, allowed: int, path: tuple[str, ...] = ()) -> None:
    if sent > allowed > 0:
        _refuse(limit, sent, allowed, path)


def _refuse(limit: str, sent: int, allowed: int, path: tuple[str, ...] = ()) -> None:
    place = f" at `{'.'.join(path[:_SHOWN])}`" if path else ""
    message = _MESSAGES[limit].format(sent=sent, allowed=allowed, place=place)
    raise LimitExceeded(
        message, limit=limit, allowed=allowed, sent=sent, **({"path": list(path[:_SHOWN])} if path else {})
    )


_SHOWN = 20
"""Names that a message holds at most."""

_MESSAGES = {
    "characters": "The document has {sent} characters; {allowed} are allowed.",
    "tokens": "The document has {sent} tokens or more; {allowed} are allowed.",
    "nesting": "The document nests brackets {sent} deep or deeper; {allowed} is allowed.",
    "depth": "The document selects fields {sent} deep or deeper{place}; {allowed} is allowed.",
    "aliases": "The document has {sent} aliases or more{place}; {allowed} are allowed in an operation.",
    "duplicates": "The document selects the same field {sent} times{place}; {allowed} times are allowed.",
    "directives": "The document has {sent} directives; {allowed} are allowed.",
    "definitions": "The document has {sent} operations and fragments; {allowed} are allowed.",
    "selections": "The document selects {sent} fields and fragments or more{place}, counted wherever a fragment is"
    " spread; {allowed} are allowed.",
}

_BRACKETS = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}

_TOKEN = re.compile(
    r"""
    [\s,\ufeff]*+   # what means nothing
    (
        \#[^\n\r]*   # nor do comments, but the parser keeps each
      | \"{3} (?: \\\"{3} | (?!\"{3}) . )*+ (?: \"{3} | \Z )   # unterminated ones reach to the end, so that none is
      | \" (?: \\. | [^"\\\n\r] )*+ \"?                        # looked through a second time
      | [_A-Za-z] [_A-Za-z0-9]*+
      | [-0-9] [-+.0-9A-Za-z]*+
      | \.{3}
      | .
      | \Z   # else a search through what means nothing would begin anew at each character of it
    )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A token, near enough: where GraphQL knows none, the parser stops, and what follows does not count.

https://spec.graphql.org/October2021/#sec-Appendix-Grammar-Summary.Lexical-Tokens
"""
