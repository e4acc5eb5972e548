"""The whole as an ASGI application: the API below /v1, the pages, the controls, and whether it is ready."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from . import catalogue, checkout, clock, control, coupons, hooks, meters, pages, people, portal, routes, sales
from .errors import Refusal, wrong
from .forms import LONGEST_BODY, Form, decode
from .render import API_VERSION, show
from .store import Store, Thing

KEY = re.compile(r"sk_test_[A-Za-z0-9_]{20,200}")
VERSION = re.compile(r"20\d\d-\d\d-\d\d(\.[a-z]+)?")
HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
# Every module that puts functions at addresses.
DESKS = (catalogue, checkout, coupons, meters, people, portal, sales)
REMEMBERED = 24 * 3600
Answer = tuple[int, Thing, dict[str, str]]


def authorize(header: str) -> None:
    """Refuse a request without a test key."""
    kind, _, key = header.partition(" ")
    if kind.lower() == "basic":
        with contextlib.suppress(ValueError):
            kind, key = "bearer", base64.b64decode(key).decode().partition(":")[0]
    if kind.lower() != "bearer" or not KEY.fullmatch(key.strip()):
        shown = key.strip()[:8] + "*" * max(0, min(len(key.strip()) - 8, 12))
        message = f"Invalid API Key provided: {shown}" if key.strip() else "You did not provide an API key."
        raise Refusal(message, status=401)


def answer(store: Store, method: str, path: str, body: bytes, headers: Any) -> Answer:
    """Answer one call of the API: status, body, headers."""
    told = {"Request-Id": store.mint("req", 14), "Stripe-Version": API_VERSION}
    try:
        authorize(headers.get("authorization", ""))
        version = headers.get("stripe-version") or API_VERSION
        if not VERSION.fullmatch(version) or version > API_VERSION:
            raise wrong(f"Invalid Stripe API version: {version[:40]}")
        account = headers.get("stripe-account")
        if account and account != people.ACCOUNT:
            people.an_account(routes.Call(store, Form({}), path, version), account)
        told["Stripe-Version"] = version
        key = headers.get("idempotency-key", "") if method == "POST" else ""
        if len(key) > 255:
            raise Refusal("Idempotency keys have at most 255 characters.", kind="idempotency_error")
        status, made, again = _once(store, method, path, body, version, key, told["Request-Id"])
        return (
            status,
            made,
            told
            | ({"Idempotent-Replayed": "true"} if again else {})
            | ({"Idempotency-Key": key} if key.isascii() and key.isprintable() and key else {}),
        )
    except Refusal as refusal:
        return refusal.status, refusal.body(), told


def _once(
    store: Store, method: str, path: str, body: bytes, version: str, key: str, request: str
) -> tuple[int, Thing, bool]:
    digest = hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
    try:
        with store.change():
            kept = store.table("idempotency").get(key) if key else None
            if kept and kept["moment"] > time.time() - REMEMBERED:
                return (*_again(kept, digest), True)
            store.request = {"id": request, "idempotency_key": key or None}
            made = perform(store, method, path, body, version)
            if key:
                _keep(store, key, digest, 200, made)
            return 200, made, False
    except Refusal as refusal:
        if key and refusal.status == 402:
            with store.change():
                _keep(store, key, digest, 402, refusal.body())
        raise


def _keep(store: Store, key: str, digest: str, status: int, body: Thing) -> None:
    kept = {"id": key, "digest": digest, "status": status, "body": body, "moment": time.time()}
    store.add(kept, "idempotency")


def _again(kept: Thing, digest: str) -> tuple[int, Thing]:
    if kept["digest"] != digest:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{kept['id']}' if you meant to execute a different request."
        )
        raise Refusal(message, kind="idempotency_error")
    return kept["status"], kept["body"]


def perform(store: Store, method: str, path: str, body: bytes, version: str) -> Thing:
    """Do what a call asks for and return what it answers. Raises Refusal."""
    function, keys = routes.find(method, path)
    form = Form(decode(body))
    expand = tuple(form.words("expand"))
    made = function(routes.Call(store, form, path, version, expand), *keys)
    form.finish()
    return show(store, made, version, expand)


def application(home: Path | None = None, *, deliver: bool = True, store: Store | None = None) -> Starlette:
    """Return this Stripe as an ASGI application. home: where its state is kept. deliver: send events by itself."""
    store = store or Store(home)
    courier = hooks.Courier(store, clock.tick)

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        if deliver:
            courier.start()
        yield
        if deliver:
            await run_in_threadpool(courier.stop)

    async def call(request: Request) -> Response:
        if refused := _stranger(request):
            return refused
        body, length = b"", 0
        async for piece in request.stream():
            length += len(piece)
            body += piece if length <= LONGEST_BODY else b""
        if length > LONGEST_BODY:
            return _json(400, wrong("The request is too large.").body(), {})
        store.origin = f"http://{request.headers['host']}"
        text = body or request.url.query.encode()
        made = await run_in_threadpool(answer, store, request.method, request.url.path, text, request.headers)
        return _json(*made)

    async def ready(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    verbs = ["GET", "POST", "DELETE"]
    return Starlette(
        routes=[
            Route("/readyz", ready), Route("/v1/{rest:path}", call, methods=verbs),
            *control.addresses(store, _stranger), *pages.addresses(store, _stranger),
        ],
        lifespan=life,
    )  # fmt: skip


def _stranger(request: Request) -> Response | None:
    """Refuse a page elsewhere that was pointed at this machine."""
    if HOST.fullmatch(request.headers.get("host", "")):
        return None
    return PlainTextResponse("This test Stripe answers on this machine only.", 421)


def _json(status: int, body: Thing, headers: dict[str, str]) -> Response:
    return Response(json.dumps(body, indent=2), status, headers, "application/json")
