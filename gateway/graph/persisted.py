"""Documents known by their hash: automatic persisted queries, and documents that alone are trusted.

Automatic: a client sends the SHA-256 of a document, and the document itself only when we do not know the hash yet
(https://www.apollographql.com/docs/apollo-server/performance/apq). Each process remembers its own, the newest ones.
Trusted: a manifest says which documents are executed, and nothing else is. `journey-gateway documents build` makes it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec

from gateway.graph.errors import BadRequest, PersistedQueryNotFound, UnknownDocument
from gateway.graph.operation import Operation

MAX_REMEMBERED = 1_000
MAX_REMEMBERED_CHARACTERS = 4_000_000
"""What a process remembers for its clients; whoever is forgotten sends the document once more."""

Manifest = Mapping[str, str]
"""Documents by the SHA-256 of their text, in hexadecimal."""


class ManifestError(ValueError):
    """A manifest cannot be used; the text says why."""


class KnownDocuments(Protocol):
    """Where the text of a request's document comes from."""

    def text_of(self, request: Operation) -> str:
        """Return the document that is asked for.

        Raises:
            BadRequest: none is.
            PersistedQueryNotFound: it is asked for by a hash that we do not know.
            UnknownDocument: it is not trusted.
        """

    def keep(self, request: Operation) -> None:
        """Remember the document of a request, which turned out to be valid."""


class AutomaticDocuments:
    """Remembers the documents that clients want to be remembered."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def text_of(self, request: Operation) -> str:
        """Return the document that is sent, or the remembered one; see `KnownDocuments`."""
        hash_ = _hash_in(request)
        if request.query is not None:
            if hash_ and hash_ != hash_of(request.query):
                raise BadRequest("`sha256Hash` is not the SHA-256 of `query`, in hexadecimal.", "extensions")
            return request.query
        if hash_ is None:
            raise BadRequest("There is no `query` in the request.", "query")
        text = self._texts.get(hash_)
        if text is None:
            raise PersistedQueryNotFound("PersistedQueryNotFound")  # the words that clients look for
        self._texts.move_to_end(hash_)
        return text

    def keep(self, request: Operation) -> None:
        """Remember the document of a request that carries its hash as well."""
        hash_ = _hash_in(request)
        if request.query is None or hash_ is None or hash_ in self._texts:
            return
        self._texts[hash_] = request.query
        self._characters += len(request.query)
        while len(self._texts) > MAX_REMEMBERED or self._characters > MAX_REMEMBERED_CHARACTERS:
            _, forgotten = self._texts.popitem(last=False)
            self._characters -= len(forgotten)


class TrustedDocuments:
    """Knows the documents of a manifest, and lets no others through, sent in full or not."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    def text_of(self, request: Operation) -> str:
        """Return the trusted document; see `KnownDocuments`."""
        hash_ = _hash_in(request) or (None if request.query is None else hash_of(request.query.strip()))
        if hash_ is None:
            raise BadRequest("There is no `query` in the request, and no hash of one.", "query")
        text = self._manifest.get(hash_)
        if text is None:
            raise UnknownDocument("This server executes trusted documents only, and this is none of them.")
        return text

    def keep(self, request: Operation) -> None:
        """Remember nothing: the manifest is all that counts."""


def hash_of(text: str) -> str:
    """Return the SHA-256 of a document in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def manifest_of(texts: Iterable[str]) -> dict[str, str]:
    """Return the manifest of these documents."""
    return {hash_of(text): text for text in texts}


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in a file: hash -> document, or that of Apollo Client's tool for it.

    Raises:
        ManifestError: it cannot be read, is no manifest, or a hash is not that of its document.
    """
    try:
        content = path.read_bytes()
        if b'"apollo-persisted-query-manifest"' in content[:200]:
            return {entry.id: entry.body for entry in msgspec.json.decode(content, type=_ApolloManifest).operations}
        manifest = msgspec.json.decode(content, type=dict[str, str])
    except (OSError, ValueError) as error:
        raise ManifestError(f"The manifest {path} cannot be read: {error}.") from error
    wrong = next((hash_ for hash_, text in manifest.items() if hash_ != hash_of(text)), None)
    if wrong is not None:
        raise ManifestError(
            f"In the manifest {path}, {wrong[:80]!r} is not the SHA-256 of its document: build it anew."
        )
    return manifest


class _ApolloEntry(msgspec.Struct):
    id: str
    body: str


class _ApolloManifest(msgspec.Struct):
    operations: list[_ApolloEntry]


def _hash_in(request: Operation) -> str | None:
    """Return the hash by which a request asks: as Apollo's clients send it, or as the appendix of GraphQL over HTTP."""
    if request.document_id is not None:
        return request.document_id.removeprefix("sha256:")
    persisted = (request.extensions or {}).get("persistedQuery")
    if persisted is None:
        return None
    hash_ = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(hash_, str) or persisted.get("version", 1) != 1:
        raise BadRequest('`persistedQuery` must be {"version": 1, "sha256Hash": "..."}.', "extensions")
    return hash_
