"""The real WSGI application on a free port of loopback, in this process, for a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Browser, BrowserContext

from apps.accounts import tenancy


class Threaded(ThreadingMixIn, WSGIServer):
    """A thread a request, which gives its connection back."""

    daemon_threads = True

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)  # type: ignore[misc]
        finally:
            tenancy.close()


class Quiet(WSGIRequestHandler):
    """Say nothing."""

    def log_message(self, *arguments: object) -> None:
        """Write no line."""


@contextmanager
def served() -> Iterator[int]:
    """Serve until the block ends; give the port."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Threaded, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def context(browser: Browser, client: Client, host: str, **more: object) -> BrowserContext:
    """Return a browser context with the session of a test client, on one host."""
    opened = browser.new_context(**more)  # type: ignore[arg-type]
    cookie = client.cookies.get("footnote_session")
    if cookie is not None:
        opened.add_cookies([{"name": "footnote_session", "value": cookie.value, "domain": host, "path": "/"}])
    return opened
