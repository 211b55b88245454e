"""Which pages of other origins are let in, in the words of CORS."""

import pytest

from gateway.graph.cross_origin import CrossOrigin

ALLOW = b"access-control-allow-origin"


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        pytest.param((), b"https://desk.example", None, id="none is allowed"),
        pytest.param(("https://desk.example",), b"https://desk.example", b"https://desk.example", id="this one is"),
        pytest.param(("https://desk.example",), b"https://desk.example.evil", None, id="one that begins alike"),
        pytest.param(("https://desk.example",), b"http://desk.example", None, id="another scheme"),
        pytest.param(("https://desk.example",), b"https://desk.example:8443", None, id="another port"),
        pytest.param(("https://desk.example",), b"null", None, id="a page without an origin"),
        pytest.param(("https://desk.example",), None, None, id="no page"),
        pytest.param(("*",), b"https://any.example", b"https://any.example", id="all are"),
        pytest.param(("*",), None, b"*", id="all are, and none asks"),
    ],
)
def test_only_allowed_origins_are_named(origins: tuple[str, ...], origin: bytes | None, allowed: bytes | None) -> None:
    pages = CrossOrigin(origins, "POST")
    assert dict(pages.headers(origin)).get(ALLOW) == allowed
    assert dict(pages.preflight(origin)).get(ALLOW) == allowed
    assert (b"access-control-allow-methods" in dict(pages.preflight(origin))) is (allowed is not None)


def test_credentials_are_never_allowed() -> None:
    headers = CrossOrigin(("*",), "POST").preflight(b"https://any.example")
    assert b"access-control-allow-credentials" not in dict(headers)


def test_caches_are_told_that_the_answer_depends_on_the_origin() -> None:
    assert (b"vary", b"origin") in CrossOrigin(("https://desk.example",), "POST").headers(None)
