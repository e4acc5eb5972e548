"""The gate as a process: a WSGI application that answers workers, and nobody else."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from django.db import connection

from apps.accounts import tenancy
from apps.lib.errors import Invalid, NotFound, ProductError
from apps.observability import metrics
from apps.policy.gate import looks, mail, order, sign_ins, sweep
from apps.policy.identity import delegation, keys

log = logging.getLogger(__name__)
LIMIT = 30_000_000
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer one request: /v1/token, /v1/call, /v1/mail, /v1/sweep, and the probes."""
    try:
        status, body, kind = _route(environ)
    except ProductError as error:
        status, kind = error.status, "application/problem+json"
        body = json.dumps({"title": error.code, "status": error.status, "detail": error.sentence}).encode()
    except Exception as error:
        log.exception("the gate failed on a request")
        status, kind = 500, "application/problem+json"
        body = json.dumps({"title": "bug", "status": 500, "detail": type(error).__name__}).encode()
    finally:
        tenancy.close()
    start_response(f"{status} .", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def _route(environ: dict[str, Any]) -> tuple[int, bytes, str]:
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "POST" and path in ROUTES:
        answer = ROUTES[path](_secret(environ), _read(environ))
        return 200, json.dumps(answer).encode(), "application/json"
    if path == "/.well-known/jwks.json":
        return 200, json.dumps(keys.as_jwks()).encode(), "application/jwk-set+json"
    if path == "/livez":
        return 200, b"ok", "text/plain"
    if path == "/readyz":
        connection.ensure_connection()
        return 200, b"ok", "text/plain"
    if path == "/metrics":
        return 200, metrics.text().encode(), "text/plain; version=0.0.4"
    raise NotFound("There is nothing here.")


def _secret(environ: dict[str, Any]) -> str:
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    return header.partition(" ")[2]


def _read(environ: dict[str, Any]) -> dict[str, Any]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > LIMIT:
        raise Invalid("The request is too large.")
    try:
        body = json.loads(environ["wsgi.input"].read(length))
    except ValueError as error:
        raise Invalid("The request is not JSON.") from error
    if not isinstance(body, dict):
        raise Invalid("The request is not a JSON object.")
    return body


def token(secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """Exchange the workload secret for a delegation token."""
    if body.get("grant_type") == EXCHANGE:
        return _narrower(secret, body)
    wanted = _fields(body, {"workspace": str, "task": str, "epoch": int, "role": str})
    return {"token": delegation.exchange(secret=secret, **wanted)}


def _narrower(secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """An agent's token for one of its sub-agent, in the words of RFC 8693."""
    wanted = _fields(body, {"subject_token": str, "scope": str, "role": str})
    token = delegation.narrow(
        secret=secret, token=wanted["subject_token"], role=wanted["role"], scopes=wanted["scope"].split()
    )  # fmt: skip
    kind = "urn:ietf:params:oauth:token-type:jwt"
    return {"token": token, "access_token": token, "issued_token_type": kind, "token_type": "Bearer"}


def call(secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """Take one call through the order of checks."""
    wanted = _fields(body, {"name": str, "tool": str, "arguments": dict, "version": str, "number": int})
    with metrics.timed("gate_call_seconds", tool=wanted["tool"]):
        return asdict(order.call(token=secret, **wanted))


def _fields(body: dict[str, Any], wanted: dict[str, type]) -> dict[str, Any]:
    for name, kind in wanted.items():
        if not isinstance(body.get(name), kind):
            raise Invalid(f"The request needs “{name}”.")
    return {name: body[name] for name in wanted}


ROUTES = {
    "/v1/token": token, "/v1/call": call, "/v1/mail": mail.deliver, "/v1/look": looks.look, "/v1/sweep": sweep.sweep,
    "/v1/sign-in": sign_ins.step,
}  # fmt: skip
