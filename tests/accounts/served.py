"""The site on loopback, for a real browser: pages by threads of this process, on the database of the tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application
from django.test import override_settings

from apps.accounts import tenancy

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests read the answers."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve the site; yield the origin of the apex."""
    pages = get_wsgi_application()

    def answer(environ, start):  # type: ignore[no-untyped-def]
        found = pages(environ, start)
        try:
            yield from found
        finally:
            found.close()
            tenancy.close()

    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(answer)
    origin = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    with override_settings(PUBLIC_ORIGIN=origin):
        thread.start()
        try:
            yield origin
        finally:
            server.shutdown()
            server.server_close()
