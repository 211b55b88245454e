"""Checks of the network: who reaches what of the server, and who can read it on the way."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.cli.security.check import Check, Severity
from gateway.cli.security.facts import Facts
from gateway.settings import PREFIX, is_loopback

LIMITS = (
    *("max_depth", "max_aliases", "max_tokens", "max_cost", "cost_budget"),
    *("requests_per_minute", "address_requests_per_minute", "query_seconds"),
)
"""Settings that keep hostile queries small and few; 0 is no limit."""


def _plain_http(facts: Facts) -> Iterator[str]:
    parts = urlsplit(facts.url)
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        yield f"{facts.url} is plain HTTP: tokens and customers' data can be read on the way."


def _demo_exposed(facts: Facts) -> Iterator[str]:
    if facts.served and facts.is_exposed and facts.served.token_in_page:
        yield f"A page of {facts.url} hands an admin token to everybody who opens it."


def _listens_to_all(facts: Facts) -> Iterator[str]:
    if not is_loopback(facts.settings.host):
        yield f"The server listens on {facts.settings.host}:{facts.settings.port} in plain HTTP."


def _proxy_untold(facts: Facts) -> Iterator[str]:
    if facts.served and urlsplit(facts.url).scheme == "https" and not facts.served.over_tls:
        yield f"Answers of {facts.url} lack Strict-Transport-Security: the server does not know that TLS is before it."


def _graphiql_served(facts: Facts) -> Iterator[str]:
    if facts.served and facts.is_exposed and facts.served.graphiql:
        yield f"{facts.url}/graphiql is served to everybody. It needs a token to ask anything."


def _metrics_served(facts: Facts) -> Iterator[str]:
    if facts.served and facts.is_exposed and facts.served.metrics:
        yield f"{facts.url}/metrics tells everybody how much traffic there is."


def _any_origin_reads(facts: Facts) -> Iterator[str]:
    if "*" in facts.settings.allowed_origins:
        yield "Pages of every site may read answers of /graphql, if they come by a token."


def _limits_off(facts: Facts) -> Iterator[str]:
    off = [f"{PREFIX}{field.upper()}" for field in LIMITS if not getattr(facts.settings, field)]
    if off:
        yield f"Queries have no limit of {', '.join(off)}."


def _queries_by_get(facts: Facts) -> Iterator[str]:
    if facts.settings.graphql_get:
        yield "Queries may come by GET: what they ask for stands in histories and logs."


def _proxy_unseen(facts: Facts) -> Iterator[str]:
    if not facts.is_exposed:
        yield f"Only {facts.url} was looked at, on this machine: nothing is known of a TLS proxy."


def _demo_served(facts: Facts) -> Iterator[str]:
    if facts.served and facts.served.demo:
        yield "The demo shop and the live list are served."


NETWORK: tuple[Check, ...] = (
    Check(
        "plain HTTP",
        Severity.SEVERE,
        _plain_http,
        "Put a proxy that ends TLS before the server, and name its https:// address with --url.",
    ),
    Check(
        "token in pages",
        Severity.SEVERE,
        _demo_exposed,
        "Run without --demo and JOURNEY_DEMO_DIR, and revoke that token.",
        asks_server=True,
    ),
    Check(
        "listening address",
        Severity.WARNING,
        _listens_to_all,
        "Listen on 127.0.0.1 behind a proxy on this machine, or let a firewall admit the proxy alone.",
    ),
    Check(
        "proxy unknown to server",
        Severity.WARNING,
        _proxy_untold,
        "Let the proxy send X-Forwarded-Proto, and name its address in FORWARDED_ALLOW_IPS if it is not 127.0.0.1.",
        asks_server=True,
    ),
    Check(
        "GraphiQL",
        Severity.WARNING,
        _graphiql_served,
        "Let the proxy admit /graphiql from your own network alone.",
        asks_server=True,
    ),
    Check(
        "metrics",
        Severity.WARNING,
        _metrics_served,
        "Let the proxy admit /metrics from your monitoring alone.",
        asks_server=True,
    ),
    Check(
        "CORS for all",
        Severity.WARNING,
        _any_origin_reads,
        "Name the origins in JOURNEY_ALLOWED_ORIGINS, or leave it empty for pages of the server itself.",
    ),
    Check(
        "limits off",
        Severity.WARNING,
        _limits_off,
        "Leave them at what they are without being set, or give numbers above 0.",
    ),
    Check("queries by GET", Severity.NOTE, _queries_by_get, "Leave JOURNEY_GRAPHQL_GET at false."),
    Check(
        "proxy not looked at",
        Severity.NOTE,
        _proxy_unseen,
        "Name the address that browsers use with --url https://....",
    ),
    Check("demonstration", Severity.NOTE, _demo_served, "Right on your own machine only.", asks_server=True),
)
