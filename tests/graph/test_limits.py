"""How large a document may be: each limit, and what slips through none of them."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph.errors import LimitExceeded
from gateway.graph.limits import MAX_SELECTIONS, Limits, check_document, check_text
from gateway.settings import Settings

LIMITS = Limits.of(Settings.read({}))
OFF = Limits(**{field.name: 0 for field in fields(Limits)})


def check(text: str, limits: Limits = LIMITS) -> None:
    """Check a text, and then its document."""
    check_text(text, limits)
    check_document(parse(text), limits)


def refusal_of(text: str, limits: Limits = LIMITS) -> LimitExceeded:
    """Return how a text is refused."""
    with pytest.raises(LimitExceeded) as caught:
        check(text, limits)
    return caught.value


def chain(depth: int) -> str:
    """Return a document that selects fields so deep."""
    return "{a" * depth + "}" * depth


def fragments(*selections: str) -> str:
    """Return fragments F0, F1, ... with these selections."""
    return " ".join(f"fragment F{number} on Query {{ {of} }}" for number, of in enumerate(selections))


DOUBLING = "{ ...F0 } " + fragments(*(f"a {{ ...F{number} }} b {{ ...F{number} }}" for number in range(1, 14)), "x")


@pytest.mark.parametrize(
    ("text", "limit", "sent"),
    [
        pytest.param("{" + "a" * 10_000_000, "characters", 10_000_001, id="one name of 10 MB"),
        pytest.param("{a}" * 3_000_000, "characters", 9_000_000, id="3,000,000 operations"),
        pytest.param("{" + "a " * 4_000 + "}", "tokens", 4_001, id="4,000 fields"),
        pytest.param("#\n" * 4_001, "tokens", 4_001, id="4,001 comments, which the parser keeps"),
        pytest.param('"""' * 20_000, "tokens", 4_001, id="20,000 empty texts"),
        pytest.param("{" * 5_000, "nesting", 101, id="5,000 brackets that nobody closes"),
        pytest.param("{a(b:" + "[" * 500 + "]" * 500 + ")}", "nesting", 101, id="lists in lists"),
        pytest.param("{a(b:" + "{c:" * 500 + "1" + "}" * 500 + ")}", "nesting", 101, id="objects in objects"),
        pytest.param("query($a:" + "[" * 500 + "A" + "]" * 500 + "){a}", "nesting", 101, id="types in types"),
        pytest.param("{" + "... on A {" * 200 + "a" + "}" * 201, "nesting", 101, id="inline fragments in another"),
        pytest.param("{ a" + " @b" * 1_000 + "}", "directives", 1_000, id="1,000 directives"),
        pytest.param("{ a }" + " query Q { a }" * 100, "definitions", 101, id="101 operations"),
        pytest.param(chain(30), "depth", 16, id="depth 30"),
        pytest.param(
            "{ a { ... on B { ...F0 } } } " + fragments(chain(15)[1:-1]), "depth", 16, id="depth in fragments"
        ),
        pytest.param("{" + " ".join(f"a{i}: a" for i in range(101)) + "}", "aliases", 51, id="101 aliases"),
        pytest.param(
            "{ x { ...F0 } y { ...F0 } z { ...F0 } } " + fragments(" ".join(f"a{i}: a" for i in range(17))),
            "aliases",
            51,
            id="17 aliases, spread three times",
        ),
        pytest.param("{ a {" + "b " * 500 + "} }", "duplicates", 500, id="500 duplicate fields"),
        pytest.param("{" + "a { b } " * 500 + "}", "duplicates", 500, id="500 duplicate fields with fields"),
        pytest.param(
            "{" + ("a {" + "b { c } " * 12 + "} ") * 12 + "}", "duplicates", 144, id="duplicates within duplicates"
        ),
        pytest.param(
            "{ ... on A {" + "b " * 11 + "} ... {" + "b " * 11 + "} }", "duplicates", 22, id="inline fragments"
        ),
        pytest.param(
            "{" + " ".join(f"...F{i}" for i in range(21)) + "} " + fragments(*["b"] * 21),
            "duplicates",
            21,
            id="the same field in 21 fragments",
        ),
        pytest.param("{ a } fragment F on A {" + "b " * 500 + "}", "duplicates", 500, id="in a fragment nobody uses"),
        pytest.param("{ a } query Q {" + "b " * 500 + "}", "duplicates", 500, id="in an operation nobody asks for"),
        pytest.param(DOUBLING, "selections", 5_001, id="fragments that double 13 times"),
    ],
)
def test_what_is_too_much_is_refused_with_the_limit_and_what_was_sent(text: str, limit: str, sent: int) -> None:
    refusal = refusal_of(text)
    assert {**refusal.details, "path": None} == {
        "limit": limit,
        "allowed": getattr(LIMITS, limit),
        "sent": sent,
        "path": None,
    }
    assert str(sent) in str(refusal)
    assert len(str(refusal)) < 2_000


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        pytest.param("{ ...F0 } " + fragments("...F0"), ["F0", "F0"], id="a fragment in itself"),
        pytest.param("{ ...F0 } " + fragments("a { ...F0 }"), ["F0", "F0"], id="below a field"),
        pytest.param("{ ...F0 } " + fragments("...F1", "a { ... { ...F0 } }"), ["F0", "F1", "F0"], id="two fragments"),
        pytest.param("{ a } " + fragments("...F1", "...F0"), ["F0", "F1", "F0"], id="fragments nobody uses"),
    ],
)
def test_circular_fragments_are_refused_by_their_names(text: str, circle: list[str]) -> None:
    refusal = refusal_of(text)
    assert refusal.details["limit"] == "circular fragments"
    sent = refusal.details["sent"]
    assert isinstance(sent, list)
    assert set(sent) == set(circle)


def test_a_refusal_names_the_place() -> None:
    refusal = refusal_of("{ contact { sessions {" + "id " * 30 + "} } }")
    assert refusal.details["path"] == ["contact", "sessions", "id"]
    assert "`contact.sessions.id`" in str(refusal)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(get_introspection_query(), id="the introspection that graphiql sends"),
        pytest.param(chain(15), id="depth 15"),
        pytest.param("{" + "... on Query {" * 50 + "a" + "}" * 51, id="inline fragments are no depth"),
        pytest.param("{" + " ".join(f"a{i}: a" for i in range(50)) + "}", id="50 aliases"),
        pytest.param("{" + "a " * 20 + "}", id="20 duplicate fields"),
        pytest.param("{" + " ".join(f"a{i}" for i in range(3_998)) + "}", id="4,000 tokens"),
        pytest.param(
            "{" + " ".join(f"a{i}" for i in range(3_998)) + "},, \n", id="4,000 tokens, and what means nothing"
        ),
        pytest.param('{ a(b: "{{{{ # @ [[[ \\" ((", c: """{{{{ \\""" @ @""") } # {{{{{', id="signs in texts"),
        pytest.param("{ ...F0 ...F0 ...F1 } " + fragments("a { b }", "a { b }"), id="colocated fragments"),
        pytest.param("type Query { a: Int }", id="a schema, which validation refuses"),
    ],
)
def test_what_is_not_too_much_is_let_through(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{ a(b: """' + '\\"""' * 19_000, id="a block that nobody ends"),
        pytest.param('{ a(b: "' + "\\\\" * 39_000, id="a text that nobody ends"),
        pytest.param("," * 79_999, id="commas"),
        pytest.param("#" * 79_999, id="one comment"),
        pytest.param("-" * 3_999, id="minus signs"),
        pytest.param("1" * 79_999, id="a long number"),
        pytest.param("\x00" * 3_999, id="null bytes"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_text_that_is_no_graphql_is_left_to_the_parser(text: str) -> None:
    check_text(text, LIMITS)


@pytest.mark.parametrize("name", [field.name for field in fields(Limits) if field.name != "cost"])
def test_the_page_for_developers_tells_each_limit(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()
    assert f"| `{name}` | {getattr(LIMITS, name):,} |" in page


def test_zero_is_no_limit() -> None:
    check("{" + "... { a1: a " * 60 + "a " * 30 + "@b " * 60 + "}" * 61, OFF)


@given(st.integers(1, 30), st.integers(1, 30))
def test_depth_is_counted_exactly(depth: int, allowed: int) -> None:
    limits = replace(OFF, depth=allowed)
    if depth <= allowed:
        check(chain(depth), limits)
    else:
        assert refusal_of(chain(depth), limits).details["limit"] == "depth"


@given(st.text(alphabet='"\\# \n{}()a1.-@,', max_size=60))
def test_no_token_that_the_parser_finds_is_overlooked(text: str) -> None:
    wrapped = f'{{ a(b: "x", c: """y""") # {text}\n }} # {text.splitlines()[0] if text.splitlines() else ""}'
    try:
        count = parse(wrapped).token_count
    except Exception:  # noqa: BLE001 - what the parser refuses, and how, is its own affair
        return
    with pytest.raises(LimitExceeded):
        check_text(wrapped, replace(OFF, tokens=count - 1))


def test_without_a_limit_of_tokens_doubling_fragments_have_an_end_nevertheless() -> None:
    limits = Limits.of(Settings.read({"JOURNEY_MAX_TOKENS": "0", "JOURNEY_MAX_DEPTH": "0"}))
    levels = [f"a {{ ...F{number} }} b {{ ...F{number} }}" for number in range(1, 40)]
    refusal = refusal_of("{ ...F0 } " + fragments(*levels, "x"), limits)
    assert refusal.details["sent"] == MAX_SELECTIONS + 1
