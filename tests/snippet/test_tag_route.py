import gzip
from pathlib import Path

import httpx
import pytest

from snippet.errors import TagNotBuilt
from snippet.tag_route import TagRoute

SCRIPT = b"export const answer = 42;\n" * 100


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "tag.js"
    path.write_bytes(SCRIPT)
    return path


async def fetch(bundle: Path, method: str = "GET", **headers: str) -> httpx.Response:
    named = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(TagRoute(bundle))
    async with httpx.AsyncClient(transport=transport, base_url="http://collector.example") as client:
        return await client.request(method, "/tag.js", headers=named)


async def test_every_site_may_load_the_tag_and_keep_it_for_an_hour(bundle: Path) -> None:
    response = await fetch(bundle)
    assert response.content == SCRIPT
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cache-control"].startswith("public, max-age=3600")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        pytest.param("gzip, deflate, br", "gzip", id="gzip, where there is no br"),
        pytest.param("gzip;q=0.5", "gzip", id="gzip with a weight"),
        pytest.param("gzip;q=0", None, id="anything but gzip"),
        pytest.param("zstd", None, id="nothing that we have"),
    ],
)
async def test_the_tag_is_sent_packed_to_those_who_can_read_it(bundle: Path, accepted: str, coding: str | None) -> None:
    response = await fetch(bundle, Accept_Encoding=accepted)
    assert response.headers.get("content-encoding") == coding
    assert response.content == SCRIPT
    assert response.headers["vary"] == "accept-encoding"


async def test_a_brotli_file_beside_the_bundle_is_preferred(bundle: Path) -> None:
    bundle.with_name("tag.js.br").write_bytes(b"packed")
    route = TagRoute(bundle)
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "headers": [(b"accept-encoding", b"gzip, br")]}
    await route(scope, None, send)  # type: ignore[arg-type]  # a GET has no body to receive
    assert sent[1]["body"] == b"packed"


async def test_a_browser_that_has_the_tag_is_not_sent_it_again(bundle: Path) -> None:
    etag = (await fetch(bundle)).headers["etag"]
    response = await fetch(bundle, If_None_Match=f'"other", W/{etag}')
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)


async def test_a_browser_that_has_another_tag_is_sent_ours(bundle: Path) -> None:
    assert (await fetch(bundle, If_None_Match='"other"')).content == SCRIPT


async def test_encodings_do_not_share_an_etag(bundle: Path) -> None:
    plain, packed = await fetch(bundle), await fetch(bundle, Accept_Encoding="gzip")
    assert plain.headers["etag"] != packed.headers["etag"]
    assert int(packed.headers["content-length"]) == len(gzip.compress(SCRIPT, mtime=0))


async def test_head_is_get_without_the_body(bundle: Path) -> None:
    response = await fetch(bundle, "HEAD")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(SCRIPT))


async def test_other_methods_are_refused(bundle: Path) -> None:
    response = await fetch(bundle, "POST")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(TagNotBuilt, match=r"tag\.js"):
        TagRoute(tmp_path / "tag.js")
