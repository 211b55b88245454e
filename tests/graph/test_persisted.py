"""Documents known by their hash: automatic persisted queries, and trusted documents alone."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.app import open_app
from gateway.graph.errors import BadRequest, PersistedQueryNotFound, RefusedError, UnknownDocument
from gateway.graph.operation import Operation
from gateway.graph.persisted import (
    MAX_REMEMBERED,
    MAX_REMEMBERED_CHARACTERS,
    AutomaticDocuments,
    ManifestError,
    TrustedDocuments,
    hash_of,
    manifest_of,
    read_manifest,
)
from gateway.settings import Settings, SettingsError
from tests.graph.conftest import Api, api_over

TRUSTED = "query Trusted { __typename }"


def asking(query: str | None = None, hash_: object = None, **extension: object) -> Operation:
    persisted = {"version": 1, "sha256Hash": hash_, **extension} if hash_ is not None or extension else None
    return Operation(query=query, extensions={"persistedQuery": persisted} if persisted else None)


def test_a_document_is_remembered_by_its_hash_once_it_was_sent_with_it() -> None:
    known = AutomaticDocuments()
    with pytest.raises(PersistedQueryNotFound, match=r"^PersistedQueryNotFound$"):
        known.text_of(asking(hash_=hash_of(TRUSTED)))
    known.keep(asking(TRUSTED, hash_of(TRUSTED)))
    assert known.text_of(asking(hash_=hash_of(TRUSTED))) == TRUSTED


def test_a_document_that_is_sent_without_its_hash_is_not_remembered() -> None:
    known = AutomaticDocuments()
    known.keep(asking(TRUSTED))
    with pytest.raises(PersistedQueryNotFound):
        known.text_of(asking(hash_=hash_of(TRUSTED)))


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(asking(), id="nothing"),
        pytest.param(asking(TRUSTED, hash_of("another")), id="the hash of another document"),
        pytest.param(asking(hash_=7), id="a hash that is a number"),
        pytest.param(asking(hash_=hash_of(TRUSTED), version=2), id="another version of the protocol"),
        pytest.param(Operation(extensions={"persistedQuery": "x"}), id="no object"),
    ],
)
def test_a_request_that_names_no_document_is_refused(request_: Operation) -> None:
    with pytest.raises(BadRequest):
        AutomaticDocuments().text_of(request_)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([f"query Q{n} {{ a }}" for n in range(MAX_REMEMBERED + 1)], id="many"),
        pytest.param([str(n) * (MAX_REMEMBERED_CHARACTERS // 4) for n in range(5)], id="large"),
    ],
)
def test_of_too_many_documents_the_oldest_is_forgotten(texts: list[str]) -> None:
    known = AutomaticDocuments()
    for text in texts:
        known.keep(asking(text, hash_of(text)))
    with pytest.raises(PersistedQueryNotFound):
        known.text_of(asking(hash_=hash_of(texts[0])))
    assert known.text_of(asking(hash_=hash_of(texts[-1]))) == texts[-1]


@pytest.mark.parametrize(
    ("request_", "trusted"),
    [
        pytest.param(asking(hash_=hash_of(TRUSTED)), True, id="its hash"),
        pytest.param(asking(TRUSTED), True, id="its text"),
        pytest.param(asking(f"\n  {TRUSTED}\n"), True, id="its text with space around it"),
        pytest.param(asking("{ evil }", hash_of(TRUSTED)), True, id="its hash, whatever is sent beside it"),
        pytest.param(Operation(document_id=f"sha256:{hash_of(TRUSTED)}"), True, id="its id"),
        pytest.param(asking("{ __typename }"), False, id="another text"),
        pytest.param(asking(hash_=hash_of("{ __typename }")), False, id="another hash"),
        pytest.param(asking(TRUSTED, hash_of("another")), False, id="another hash with its text"),
        pytest.param(asking(), False, id="nothing"),
    ],
)
def test_only_trusted_documents_are_let_through(request_: Operation, *, trusted: bool) -> None:
    known = TrustedDocuments(manifest_of([TRUSTED]))
    if trusted:
        assert known.text_of(request_) == TRUSTED
    else:
        with pytest.raises((UnknownDocument, BadRequest)):
            known.text_of(request_)


def test_nothing_is_ever_added_to_the_trusted_documents() -> None:
    known = TrustedDocuments(manifest_of([TRUSTED]))
    known.keep(asking("{ a }", hash_of("{ a }")))
    with pytest.raises(RefusedError):
        known.text_of(asking(hash_=hash_of("{ a }")))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"a": 7}', id="a document that is a number"),
        pytest.param(b'{"0123": "{ a }"}', id="a hash of something else"),
    ],
)
def test_a_file_that_is_no_manifest_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(ManifestError, match=r"manifest\.json"):
        read_manifest(path)


def test_the_manifest_of_apollo_client_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    entry = {"id": "any", "name": "Trusted", "type": "query", "body": TRUSTED}
    path.write_text(json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [entry]}))
    assert read_manifest(path) == {"any": TRUSTED}


@pytest.fixture(scope="module")
async def trusting(mongodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The app that trusts one document."""
    path = tmp_path_factory.mktemp("trusted") / "manifest.json"
    path.write_text(json.dumps(manifest_of([TRUSTED])))
    async with api_over(mongodb_url, {"JOURNEY_TRUSTED_DOCUMENTS": str(path)}) as api:
        yield api


async def test_a_client_of_persisted_queries_sends_the_document_once(shop: Api) -> None:
    document = "query Once { outcomes { id } }"
    by_hash = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(document)}}}
    first = await shop.post(by_hash)
    (error,) = first.json()["errors"]
    assert (first.status_code, error["message"]) == (200, "PersistedQueryNotFound")
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    both = await shop.post({"query": document, **by_hash})
    again = await shop.post(by_hash)
    assert both.json()["data"]["outcomes"] == again.json()["data"]["outcomes"]


async def test_a_document_that_does_not_fit_the_schema_is_not_remembered(shop: Api) -> None:
    document = "query Wrong { nothing }"
    by_hash = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(document)}}}
    await shop.post({"query": document, **by_hash})
    (error,) = (await shop.post(by_hash)).json()["errors"]
    assert error["message"] == "PersistedQueryNotFound"


async def test_a_server_that_trusts_documents_executes_no_others(trusting: Api) -> None:
    assert await trusting.ask(TRUSTED) == {"__typename": "Query"}
    answer = await trusting.post({"query": "{ viewer { name } }"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "UNKNOWN_DOCUMENT")


async def test_a_server_does_not_start_with_a_manifest_that_is_none(mongodb_url: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("[]")
    settings = Settings.read({"JOURNEY_TRUSTED_DOCUMENTS": str(path)})
    with pytest.raises(SettingsError, match="JOURNEY_TRUSTED_DOCUMENTS"):
        async with open_app(settings, mongodb_url):
            pass
