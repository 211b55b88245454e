"""Requests that nobody sends by mistake, each with how it is to be refused."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

JSON = "application/json"
REFUSED = frozenset({"LIMIT_EXCEEDED", "BAD_QUERY", "COST_EXCEEDED", "BAD_USER_INPUT"})
"""Codes of documents that are refused; which of these checks comes first is theirs to decide."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request to /graphql, the codes one of which it is refused with, and words that the answer has."""

    name: str
    body: bytes
    codes: frozenset[str]
    says: str = ""
    statuses: frozenset[int] = frozenset({200, 400})
    method: str = "POST"
    query_string: str = ""
    holder: str | None = "admin"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})


def asked(document: object, variables: object = None, **more: object) -> bytes:
    """Return the body of a POST."""
    body = {"query": document, **({} if variables is None else {"variables": variables}), **more}
    return json.dumps(body).encode()


def nested(depth: int) -> str:
    """Return a query that goes from contacts to journeys and back."""
    return "query { contacts { nodes " + "{ journey { contact " * depth + "{ id }" + " } }" * depth + " } }"


def doubling(levels: int) -> str:
    """Return a document whose fragments stand for 2**levels fields."""
    fragments = (
        f"fragment f{n} on Session {{ a: contact {{ ...g{n} }} b: contact {{ ...g{n} }} }} "
        f"fragment g{n} on Contact {{ journey {{ sessions {{ nodes {{ ...f{n + 1} }} }} }} }}"
        for n in range(levels)
    )
    return "{ sessions { nodes { ...f0 } } } " + " ".join(fragments) + f" fragment f{levels} on Session {{ id }}"


def document_probes() -> Iterator[Probe]:
    """Yield documents that ask too much of whoever reads them."""
    too_much = {
        "101 aliases": "{ " + " ".join(f"a{n}: viewer {{ name }}" for n in range(101)) + " }",
        "101 aliases over fragments": "{ viewer { ...a ...b } } "
        + " ".join(
            f"fragment {name} on Viewer {{ " + " ".join(f"{name}{n}: name" for n in range(51)) + " }" for name in "ab"
        ),
        "500 duplicate fields": "{ viewer { " + "name " * 500 + "} }",
        "500 duplicate objects": "{ " + "viewer { name } " * 500 + "}",
        "depth 30": nested(15),
        "depth 3,000": nested(1_500),
        "1,000 directives": "{ viewer { name " + "@include(if: true) " * 1_000 + "} }",
        "1,000 unknown directives": "{ viewer { name " + "@a " * 1_000 + "} }",
        "10,000 fields": "{ " + "viewer { name role } " * 5_000 + "}",
        "10,000 conflicting fields": "{ " + " ".join(f"contact(id: {n}) {{ id }}" for n in range(10_000)) + " }",
        "circular fragments": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "a fragment that spreads itself": "{ viewer { ...A } } fragment A on Viewer { name ...A }",
        "a long circle of fragments": "{ ...f0 } "
        + " ".join(f"fragment f{n} on Query {{ ...f{(n + 1) % 90} }}" for n in range(90)),
        "fragments that double 40 times": doubling(40),
        "2,000 fragments": "{ viewer { name } } "
        + " ".join(f"fragment f{n} on Viewer {{ name }}" for n in range(2_000)),
        "2,000 operations": " ".join(f"query q{n} {{ viewer {{ name }} }}" for n in range(2_000)),
        "5,000 variables": f"query ({' '.join(f'$v{n}: Int' for n in range(5_000))}) {{ viewer {{ name }} }}",
        "100,000 opening brackets": "{" * 100_000,
        "100,000 brackets of lists": "{ contact(id: " + "[" * 100_000,
        "100,000 levels of a type": "query ($a: " + "[" * 100_000 + "Int" + "]" * 100_000 + ") { viewer { name } }",
        "nested connections of 100 x 100 x 100": "{ contacts(first: 100) { nodes { sessions(first: 100) { nodes {"
        " events(first: 100) { nodes { id } } } } } } }",
        "a page of 1,000,000": "{ contacts(first: 1000000) { nodes { id } } }",
        "a page of -1": "{ contacts(first: -1) { nodes { id } } }",
        "a page of 10^30": "{ contacts(first: 1" + "0" * 30 + ") { nodes { id } } }",
        "a page of 10^10,000": "{ contacts(first: 1" + "0" * 10_000 + ") { nodes { id } } }",
    }
    yield from (Probe(name, asked(document), REFUSED) for name, document in too_much.items())
    page = "query ($n: Int) { contacts(first: $n) { nodes { id } } }"
    yield Probe("a page of 1,000,000 in a variable", asked(page, {"n": 1_000_000}), REFUSED)
    yield Probe("a page of 10^300 in a variable", asked(page, {"n": 10**300}), REFUSED)
    megabytes = asked("{ viewer { name } } #" + "x" * 10_000_000)
    yield Probe("10 MB", megabytes, frozenset({"BODY_TOO_LARGE"}), statuses=frozenset({413}))


def request_probes() -> Iterator[Probe]:
    """Yield requests that are no POST of JSON with one operation."""
    query, mutation = "{ viewer { name } }", "mutation { createOutcome(input: {}) { outcome { id } } }"
    methods = frozenset({"METHOD_NOT_ALLOWED"})
    for method in ("PUT", "PATCH", "DELETE", "HEAD", "PROPFIND"):
        yield Probe(method, asked(query), methods, statuses=frozenset({405}), method=method)
    for name, text in (("query", query), ("mutation", mutation)):
        yield Probe(
            f"GET {name}",
            b"",
            methods,
            statuses=frozenset({405}),
            method="GET",
            query_string=f"query={text}",
            headers={},
        )
    media = frozenset({"UNSUPPORTED_MEDIA_TYPE"})
    forms = {
        "urlencoded": ("application/x-www-form-urlencoded", b"query=%7Bviewer%7Bname%7D%7D"),
        "multipart": (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\n{',
        ),
        "plain text": ("text/plain", asked(query)),
        "plain text that names JSON": ("text/plain; charset=application/json", asked(query)),
        "a GraphQL document": ("application/graphql", query.encode()),
        "JSON in UTF-16": ("application/json; charset=utf-16", query.encode("utf-16")),
        "no type": ("", asked(query)),
    }
    for name, (content_type, body) in forms.items():
        yield Probe(name, body, media, statuses=frozenset({415}), headers={"Content-Type": content_type})
    packed = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    yield Probe("a compressed body", b"\x1f\x8b" + bytes(100), media, statuses=frozenset({415}), headers=packed)
    bodies = {
        "a batch": b"[" + asked(query) + b"]",
        "a batch of 1,000": b"[" + b",".join([asked(query)] * 1_000) + b"]",
        "an empty batch": b"[]",
        "nothing": b"",
        "null": b"null",
        "a number": b"5",
        "a text": b'"{ viewer { name } }"',
        "half a body": asked(query)[:-2],
        "two bodies": asked(query) * 2,
        "no query": b"{}",
        "a NUL": b"\0",
        "bytes that are no UTF-8": b'{"query": "\xff\xfe"}',
        "half a surrogate pair": b'{"query": "{ viewer { name } } #\\ud800"}',
        "100,000 brackets": b"[" * 100_000,
        "variables 100,000 levels deep": b'{"query": "{ viewer { name } }", "variables": {"a": '
        + b"[" * 100_000
        + b"]" * 100_000
        + b"}}",
        "NaN": b'{"query": "{ viewer { name } }", "variables": {"a": NaN}}',
    }
    shapes: dict[str, bytes] = {
        "a query that is a number": asked(5),
        "a query that is a list": asked([query]),
        "a query that is an object": asked({"$gt": ""}),
        "an empty query": asked(""),
        "variables that are a text": asked(query, "x"),
        "variables that are a list": asked(query, [1]),
        "an operation name that is a list": asked(query, operationName=["a"]),
        "an operation that is not there": asked(query, operationName="other"),
        "two operations and no name": asked("query a { viewer { name } } query b { viewer { name } }"),
        "extensions that are a text": asked(query, extensions="x"),
        "a persisted query that is a list": asked(query, extensions={"persistedQuery": [1]}),
        "a persisted query of version 2": asked(
            None, extensions={"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}}
        ),
        "somebody else's hash": asked(
            query, extensions={"persistedQuery": {"version": 1, "sha256Hash": sha256(b"other").hexdigest()}}
        ),
        "a hash that is none": asked(query, extensions={"persistedQuery": {"version": 1, "sha256Hash": "../../x"}}),
    }
    bad = frozenset({"BAD_QUERY"})
    yield from (Probe(name, body, bad) for name, body in (bodies | shapes).items())
    unknown = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    yield Probe("a hash that nobody told", asked(None, extensions=unknown), frozenset({"PERSISTED_QUERY_NOT_FOUND"}))
    subscription = asked("subscription { presence { cursor } }")
    yield Probe("a subscription by POST", subscription, bad)
    html = {"Content-Type": JSON, "Accept": "text/html"}
    yield Probe("HTML", asked(query), frozenset({"NOT_ACCEPTABLE"}), statuses=frozenset({406}), headers=html)


def value_probes() -> Iterator[Probe]:
    """Yield arguments of types and contents that they must not have."""
    wrong = {
        "an operator of MongoDB for a text": (
            "query ($v: String) { contacts(search: $v) { nodes { id } } }",
            {"$gt": ""},
        ),
        "an operator of MongoDB for an id": ("query ($v: ID!) { contact(id: $v) { id } }", {"$ne": None}),
        "a list for an id": ("query ($v: ID!) { contact(id: $v) { id } }", ["a", "b"]),
        "a number with a fraction for an Int": ("query ($v: Int) { contacts(first: $v) { nodes { id } } }", 1.5),
        "a text for an Int": ("query ($v: Int) { contacts(first: $v) { nodes { id } } }", "10"),
        "true for an Int": ("query ($v: Int) { contacts(first: $v) { nodes { id } } }", True),
        "null for what is needed": ("query ($v: ID!) { contact(id: $v) { id } }", None),
        "a cursor that is none": ("query ($v: String) { contacts(after: $v) { nodes { id } } }", "../../etc/passwd"),
        "a cursor of NULs": ("query ($v: String) { contacts(after: $v) { nodes { id } } }", "\0" * 100),
        "a cursor of 500,000 characters": (
            "query ($v: String) { contacts(after: $v) { nodes { id } } }",
            "A" * 500_000,
        ),
        "a variable that nobody declared": ("{ contact(id: $v) { id } }", "a"),
    }
    for name, (document, value) in wrong.items():
        codes = REFUSED | {"BAD_CURSOR"}
        yield Probe(name, asked(document, {"v": value}), codes)
    unknown = {
        "a field that is not there": "{ viewr { name } }",
        "a field that is nearly there": "{ viewer { nam } }",
        "a type that is not there": "{ ... on Viewr { name } }",
        "an argument that is not there": '{ contact(ids: "a") { id } }',
        "a directive of others": "{ viewer @defer { name } }",
        "a value that is not there": "{ sessions(filter: {presence: [LIV]}) { nodes { id } } }",
        "the first date": '{ contacts(filter: {createdAfter: "0001-01-01T00:00:00Z"}) { nodes { id } } }',
        "the last date": '{ contacts(filter: {createdBefore: "9999-12-31T23:59:59.999Z"}) { nodes { id } } }',
        "a comment without an end": "{ viewer { name } # ",
        "a text without an end": '{ contact(id: "',
        "an escape that is none": '{ contact(id: "\\x") { id } }',
        "a byte order mark in between": "{ viewer \ufeff\ufeff{ name } }\u202e}",
        "a NUL in a document": "{ viewer \0 { name } }",
    }
    yield from (Probe(name, asked(document), REFUSED) for name, document in unknown.items())


def access_probes() -> Iterator[Probe]:
    """Yield requests of people who may not ask so."""
    forbidden, nobody = frozenset({"FORBIDDEN"}), frozenset({"UNAUTHENTICATED"})
    introspections = {
        "the schema": "{ __schema { types { name } } }",
        "a type": '{ __type(name: "Contact") { name } }',
        "the schema over a fragment": "{ ...a } fragment a on Query { x: __schema { queryType { name } } }",
    }
    for name, document in introspections.items():
        yield Probe(
            f"{name}, without the permission",
            asked(document),
            forbidden,
            says="graphql:schema:introspect",
            statuses=frozenset({200, 400, 403}),
            holder="agent",
        )
    create = 'mutation { createOutcome(input: {displayName: "x", eventName: "y"}) { outcome { id } } }'
    yield Probe(
        "a mutation without the permission",
        asked(create),
        forbidden,
        says="journey:outcome:add",
        statuses=frozenset({200, 400, 403}),
        holder="agent",
    )
    strangers = {
        "no token": {},
        "an empty token": {"Authorization": "Bearer"},
        "an unknown token": {"Authorization": "Bearer jg_nobody"},
        "a token of NULs": {"Authorization": "Bearer %00%00"},
        "a long token": {"Authorization": "Bearer " + "a" * 20_000},
        "a password": {"Authorization": "Basic YWRtaW46YWRtaW4="},
        "a token that nobody signed": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."},
        "a token in a cookie": {"Cookie": "Authorization=Bearer%20jg_of-the-tests"},
    }
    for name, headers in strangers.items():
        yield Probe(
            name,
            asked("{ viewer { name } }"),
            nobody,
            statuses=frozenset({401}),
            holder=None,
            headers={"Content-Type": JSON, **headers},
        )


PROBES = (*document_probes(), *request_probes(), *value_probes(), *access_probes())
"""All of them."""
HARMLESS = {
    "a regular expression": '{ contacts(search: "(a+)+$") { nodes { id } } }',
    "a search of 100,000 characters": f'{{ contacts(search: "{"a" * 90_000}") {{ nodes {{ id }} }} }}',
    "a NUL in a search": '{ contacts(search: "\\u0000") { nodes { id } } }',
    "an id that is none": '{ node(id: "\\u0000../..") { id } }',
    "an id of 50,000 characters": f'{{ node(id: "{"Q" * 50_000}") {{ id }} }}',
    "an id of a type that is none": '{ node(id: "Vmlld2VyOjE=") { id } }',
    "an operator of MongoDB in an id": '{ contact(id: "{\\"$gt\\": \\"\\"}") { id } }',
    "an identifier that is an operator": '{ contactByIdentifier(type: EMAIL, value: "{$ne: null}") { id } }',
    "a text in every script": '{ contacts(search: "\U0001f600 \u202e\u0639\u0631\u0628 \ufdfd") { nodes { id } } }',
}
"""What looks hostile and is plain data: it finds nothing, or is refused in words."""
