"""Where a command finds its server."""

import pytest

from gateway.cli.failures import CommandError
from gateway.cli.running_server import is_here, server_url
from gateway.settings import Settings


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        pytest.param({}, None, "http://127.0.0.1:8000", id="where serve is by default"),
        pytest.param({"JOURNEY_PORT": "9000"}, None, "http://127.0.0.1:9000", id="on the port of the settings"),
        pytest.param({"JOURNEY_HOST": "0.0.0.0"}, None, "http://127.0.0.1:8000", id="everywhere"),  # noqa: S104
        pytest.param({"JOURNEY_HOST": "::"}, None, "http://[::1]:8000", id="listening everywhere, IPv6"),
        pytest.param({"JOURNEY_HOST": "fd00::1"}, None, "http://[fd00::1]:8000", id="an IPv6 address"),
        pytest.param({}, "https://journey.example/", "https://journey.example", id="named"),
    ],
)
def test_the_server_is_the_one_named_else_that_of_the_settings(
    environ: dict[str, str], url: str | None, expected: str
) -> None:
    assert server_url(Settings.read(environ), url) == expected


@pytest.mark.parametrize("url", ["journey.example", "ftp://journey.example", "http://", "http://[", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CommandError, match="--url is"):
        server_url(Settings.read({}), url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.1:8000", False),
        ("https://journey.example", False),
    ],
)
def test_a_proxy_is_only_asked_for_servers_elsewhere(url: str, *, expected: bool) -> None:
    assert is_here(url) is expected
