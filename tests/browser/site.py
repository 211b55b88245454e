"""A website of a test's own, on a port of its own: to the server it is another origin, as customers' sites are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.running_server import WRITE_KEY

STUB = "window.journey = window.journey || function () { (journey.q = journey.q || []).push(arguments); };"


@dataclass
class Site:
    """A site that has a page at every path; a test may change what its pages carry before it opens them."""

    url: str
    gateway: str
    attributes: str = ""
    """Further attributes of the tag's script element."""
    early_calls: str = ""
    """JavaScript that runs before the tag has loaded."""

    def page(self, path: str) -> str:
        """Return the page at this path, whose title is "Page " and the path."""
        return f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Page {path}</title>
  <link rel="icon" href="data:,">
  <script>{STUB}{self.early_calls}</script>
  <script async src="{self.gateway}/tag.js" data-write-key="{WRITE_KEY}" {self.attributes}></script>
</head>
<body><h1>Page {path}</h1><a id="next" href="/next">Next</a></body>
</html>"""


@contextmanager
def running_site(gateway: str) -> Iterator[Site]:
    """Serve a site whose tag sends to this gateway until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.daemon_threads = True  # a browser keeps its connections open; the end of the block need not wait for it
    server.block_on_close = False
    _Pages.sites[server.server_port] = site = Site(f"http://127.0.0.1:{server.server_port}", gateway)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # an idle connection of a browser that has gone is not kept
    sites: dict[int, Site] = {}  # noqa: RUF012 - the handler is made anew for each connection, and finds its site here

    def do_GET(self) -> None:
        assert isinstance(self.server, ThreadingHTTPServer)
        site = self.sites[self.server.server_port]
        body = site.page(self.path.partition("?")[0]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name of the overridden method
        """Keep quiet: the test says what went wrong."""
