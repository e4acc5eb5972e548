"""One port: streams are ASGI, pages go on to the WSGI application in threads."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from a2wsgi import WSGIMiddleware

from config.wsgi import application as pages

from apps.research import streams  # isort: skip  (needs Django set up, which config.wsgi does)

THREADS = int(os.environ.get("FOOTNOTE_WEB_THREADS", "16"))
_pages = WSGIMiddleware(pages, workers=THREADS)  # type: ignore[arg-type]  # Django types its answers more narrowly


async def application(scope: dict[str, Any], receive: Callable[[], Awaitable], send: Callable[..., Awaitable]) -> None:
    """Answer lifespan events, streams under /live/, and everything else as a page."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/live/"):
        await streams.serve(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)  # type: ignore[arg-type]  # an HTTP scope, by the test above


async def _lifespan(receive: Callable[[], Awaitable], send: Callable[..., Awaitable]) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await streams.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
