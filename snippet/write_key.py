"""What one site may send, and how its addresses are cleaned."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteKey:
    """The key that a site sends along with its events, and the rules that go with it. It collects, it cannot read.

    `allowed_origins` are origins such as "https://shop.example"; ("*",) allows all. `allowed_domains` are domains whose
    pages, and those of their subdomains, are collected; () allows all. `search_parameters` are the URL parameters that
    hold a site search. `excluded_query_parameters` are cut from every address before it is stored, and so is the
    fragment unless `keep_fragment`.
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
