"""Requests to /graphql that nobody sends by mistake: how soon each is refused, and whether the server is well after."""

import http.client
import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Bench, Figure
from benchmarks.server import ADMIN_TOKEN, gateway_server

GOAL_MILLISECONDS = 50
ROUNDS = 20
TIMEOUT_SECONDS = 30
SENT_AT_MOST = 1_000_000
"""Bytes of a body: as many as the server takes. It answers larger ones by what their head says."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A request, and the code that it is refused with; what is within the limits is read whole, and has no goal."""

    body: bytes
    code: str
    content_type: str = "application/json"
    method: str = "POST"
    path: str = "/graphql"
    token: str = ADMIN_TOKEN
    is_within_limits: bool = False


class NotRefused(Exception):
    """Raised when a server answers a probe, or refuses it for another reason."""


def asked(query: str, **variables: object) -> bytes:
    """Return the body of a POST."""
    return json.dumps({"query": query, "variables": variables}).encode()


def of_document(query: str, code: str = "LIMIT_EXCEEDED") -> Probe:
    """Return the probe that posts this document."""
    return Probe(asked(query), code)


_EVENTS = "events(first: 100) { nodes { id } }"
_NESTED = f"{{ contacts(first: 100) {{ nodes {{ sessions(first: 100) {{ nodes {{ {_EVENTS} }} }} }} }} }}"
_DOUBLING = " ".join(
    f"fragment F{n} on Contact {{ a: canonicalContact {{ ...F{n + 1} }} b: canonicalContact {{ ...F{n + 1} }} }}"
    for n in range(13)
)
_MERGED = " ".join(["contact(id: 1) { " + "canonicalContact { mergedTo { id type kind title } } " * 4 + "}"] * 5)

PROBES: Mapping[str, Probe] = {
    "101 aliases": of_document("{" + " ".join(f"a{n}: viewer {{ name }}" for n in range(101)) + "}"),
    "500 duplicate fields": of_document("{ viewer {" + "name " * 500 + "} }"),
    "depth 30": of_document("{ contact(id: 1) {" + "canonicalContact {" * 29 + "id" + "}" * 31),
    "circular fragments": of_document("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
    "fragments that double 13 times": of_document(
        f"{{ contact(id: 1) {{ ...F0 }} }} {_DOUBLING} fragment F13 on Contact {{ id }}"
    ),
    "10 MB": Probe(asked("{ viewer { name } } #" + "x" * 10_000_000), "BODY_TOO_LARGE"),
    "900,000 characters": of_document("{ viewer { name } } #" + "x" * 900_000),
    "100,000 tokens": of_document("{" + "viewer { name } " * 25_000 + "}"),
    "100,000 brackets": of_document("{" * 100_000),
    "1,000 directives": of_document("{ viewer { name" + " @include(if: true)" * 1_000 + "} }"),
    "3,900 unknown fields, the largest document that is read": Probe(
        asked("{" + " ".join(f"a{n}" for n in range(3_900)) + "}"), "BAD_QUERY", is_within_limits=True
    ),
    "20 duplicates of a field, which is allowed, and an unknown one": of_document(f"{{ {_MERGED} a }}", "BAD_QUERY"),
    "a page of 1,000,000": of_document("{ contacts(first: 1000000) { nodes { id } } }", "BAD_USER_INPUT"),
    "the same by a variable": Probe(
        asked("query($n: Int) { contacts(first: $n) { nodes { id } } }", n=1_000_000), "BAD_USER_INPUT"
    ),
    "nested connections of 100 x 100 x 100": of_document(_NESTED, "COST_EXCEEDED"),
    "a batch of 100": Probe(b"[" + b",".join([asked("{ viewer { name } }")] * 100) + b"]", "BAD_QUERY"),
    "a mutation by GET": Probe(b"", "METHOD_NOT_ALLOWED", method="GET", path="/graphql?query=mutation%7Ba%7D"),
    "a form": Probe(b"query=%7Ba%7D", "UNSUPPORTED_MEDIA_TYPE", "application/x-www-form-urlencoded"),
    "an unknown token": Probe(asked("{ viewer { name } }"), "UNAUTHENTICATED", token="jg_nobody"),  # noqa: S106 - it is none
}
"""What is sent, by what it is; introspection without permission is added, with a token of its own."""


def measure_hostile(bench: Bench) -> list[Figure]:
    """Milliseconds from the first byte sent to the last received, each probe 20 times over one connection."""
    with gateway_server() as server:
        token = _token_of_an_agent(server.port)
        probes = {**PROBES, "introspection without permission": _introspection(token)}
        figures = [_figure(name, probe, _measured(bench, name, probe, server.port)) for name, probe in probes.items()]
        _post(_connection(server.port), Probe(asked("{ viewer { name } }"), ""))  # it still answers
        return figures


def _measured(bench: Bench, name: str, probe: Probe, port: int) -> list[float]:
    bench.say(f"hostile: {name}")
    connection = _connection(port)
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = _post(connection, probe)
        took.append((time.perf_counter() - begun) * 1_000)
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        if codes[:1] != [probe.code]:
            raise NotRefused(f"{name}: expected {probe.code}, got {str(answer)[:300]}")
    connection.close()
    return took


def _figure(name: str, probe: Probe, took: list[float]) -> Figure:
    worst = max(took)
    measured = f"{statistics.median(took):.1f} ms, at worst {worst:.1f} ms"
    if probe.is_within_limits:
        return Figure(f"refused: {name}", measured, f"{ROUNDS} requests")
    goal = f"< {GOAL_MILLISECONDS} ms"
    return Figure(f"refused: {name}", measured, f"{ROUNDS} requests", goal, met=worst < GOAL_MILLISECONDS)


def _post(connection: http.client.HTTPConnection, probe: Probe) -> dict[str, Any]:
    """Return the answer to a probe; of a body that is too large, the rest need not be sent for it."""
    connection.putrequest(probe.method, probe.path)
    connection.putheader("Authorization", f"Bearer {probe.token}")
    connection.putheader("Content-Type", probe.content_type)
    connection.putheader("Content-Length", str(len(probe.body)))
    connection.endheaders(probe.body[:SENT_AT_MOST])
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    return answer


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)


def _token_of_an_agent(port: int) -> str:
    create = 'mutation { createToken(input: {name: "agent", role: "agent"}) { secret } }'
    return str(_post(_connection(port), Probe(asked(create), ""))["data"]["createToken"]["secret"])


def _introspection(token: str) -> Probe:
    return Probe(asked("{ __schema { types { name } } }"), "FORBIDDEN", token=token)
