"""What one site may send, and how its addresses are cleaned."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WriteKey:
    """The key that a site sends along with its events, and the rules that go with it. It collects, it cannot read.

    `allowed_origins` are origins such as "https://shop.example"; ("*",) allows all. `allowed_domains` are domains whose
    pages, and those of their subdomains, are collected; () allows all. `search_parameters` are the URL parameters that
    hold a site search. `excluded_query_parameters` are cut from every address before it is stored, and so is the
    fragment unless `keep_fragment`. `division_id` is the division to which all belongs that comes with this key; None
    is the home division.

    `identity_secrets` are the secrets in force, the newest first, by which the site's back end vouches for who a
    visitor is, and `identity_public_key` is the public half of a key by which it signs tokens, in PEM. Neither is for
    pages.
    """

    id: str
    key: str
    name: str
    allowed_origins: tuple[str, ...] = ("*",)
    allowed_domains: tuple[str, ...] = ()
    search_parameters: tuple[str, ...] = ("q", "query", "search", "term")
    excluded_query_parameters: tuple[str, ...] = ()
    keep_fragment: bool = False
    accept_robots: bool = False
    identity_secrets: tuple[str, ...] = field(default=(), repr=False)
    identity_public_key: str | None = None
    division_id: str | None = None
