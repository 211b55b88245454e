"""Reading documents: once for each text, within limits, and never more of them kept than fit."""

import pytest

from gateway.graph import valid_document
from gateway.graph.errors import BadDocument, LimitExceeded
from gateway.graph.limits import Limits
from gateway.graph.schema import make_schema
from gateway.graph.valid_document import MAX_ERRORS, ValidDocuments

SCHEMA = make_schema()._schema


@pytest.fixture
def documents() -> ValidDocuments:
    return ValidDocuments(SCHEMA, Limits())


def test_a_document_is_read_once(documents: ValidDocuments) -> None:
    assert documents.read("{ __typename }") is documents.read("{ __typename }")


def test_what_was_asked_for_longest_ago_is_forgotten_first(
    documents: ValidDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valid_document, "MAX_KEPT", 2)
    first, second = documents.read("{ a: __typename }"), documents.read("{ b: __typename }")
    assert documents.read("{ a: __typename }") is first
    documents.read("{ c: __typename }")
    assert documents.read("{ a: __typename }") is first
    assert documents.read("{ b: __typename }") is not second


def test_a_forgotten_document_leaves_no_circles_to_be_collected(documents: ValidDocuments) -> None:
    location = documents.read("{ a: __typename }").document.loc
    assert location is not None
    assert location.start_token.next is None
    assert location.end_token.prev is None


def test_large_documents_push_others_out_by_their_size(
    documents: ValidDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valid_document, "MAX_KEPT_TOKENS", 20)
    small = documents.read("{ a: __typename }")
    documents.read("{ " + " ".join(f"a{n}: __typename" for n in range(6)) + " }")
    assert documents.read("{ a: __typename }") is not small
    assert documents._tokens <= 20


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="no end"),
        pytest.param("type Query { a: Int }", id="a schema"),
        pytest.param("{ nothing }", id="a field that is not there"),
        pytest.param("{ viewer { ...A } } fragment A on Viewer { ...B }", id="a fragment that is not there"),
        pytest.param("{ __typename @defer }", id="a directive that is not there"),
        pytest.param("{ \x00 }", id="a null byte"),
    ],
)
def test_a_document_that_is_no_operation_of_this_schema_is_refused(documents: ValidDocuments, text: str) -> None:
    with pytest.raises(BadDocument) as raised:
        documents.read(text)
    assert raised.value.errors


def test_only_the_first_mistakes_are_told(documents: ValidDocuments) -> None:
    with pytest.raises(BadDocument) as raised:
        documents.read("{ " + " ".join(f"f{n}" for n in range(100)) + " }")
    assert len(raised.value.errors) <= MAX_ERRORS + 1


def test_limits_come_before_validation(documents: ValidDocuments) -> None:
    with pytest.raises(LimitExceeded):
        documents.read("{ ...A } fragment A on Query { ...A }")


@pytest.mark.parametrize(
    ("text", "introspects"),
    [
        pytest.param("{ __typename viewer { __typename } }", False, id="names of types"),
        pytest.param("{ __schema { description } }", True, id="the schema"),
        pytest.param('{ a: __type(name: "Query") { name } }', True, id="a type under another name"),
        pytest.param("{ ...A } fragment A on Query { ... { __schema { description } } }", True, id="in a fragment"),
        pytest.param("query A { __typename } query B { __schema { description } }", True, id="in another operation"),
    ],
)
def test_asking_for_the_schema_is_seen_wherever_it_stands(
    documents: ValidDocuments, text: str, *, introspects: bool
) -> None:
    assert documents.read(text).introspects is introspects


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        pytest.param("{ __typename }", None, True, id="the only one"),
        pytest.param("query A { __typename } query B { __typename }", "B", True, id="one of two"),
        pytest.param("query A { __typename } query B { __typename }", None, False, id="neither of two"),
        pytest.param("query A { __typename }", "B", False, id="one that is not there"),
    ],
)
def test_the_operation_is_the_named_one_or_the_only_one(
    documents: ValidDocuments, text: str, name: str | None, *, found: bool
) -> None:
    document = documents.read(text)
    if found:
        assert document.operation(name) is not None
    else:
        with pytest.raises(BadDocument):
            document.operation(name)
