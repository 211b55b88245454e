"""Which hosts are one website."""

import pytest

from gateway.journey.site import site_of


@pytest.mark.parametrize(
    ("hostname", "site"),
    [
        pytest.param("shop.example.com", "example.com", id="a subdomain"),
        pytest.param("a.b.example.co.uk", "example.co.uk", id="a country's own ending"),
        pytest.param("example.de", "example.de", id="the site itself"),
        pytest.param("jane.github.io", "jane.github.io", id="strangers on one host"),
        pytest.param("localhost", "localhost", id="a single name"),
        pytest.param("192.168.0.1", "192.168.0.1", id="IPv4"),
        pytest.param("2001:db8::1", "2001:db8::1", id="IPv6"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_host_belongs_to_this_site(hostname: str, site: str) -> None:
    assert site_of(hostname) == site
