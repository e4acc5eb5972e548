"""Call a tool of somebody else's server: with the workspace's credential, as it was approved, its answer checked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from apps.integrations import providers
from apps.integrations.contracts.mcp import Answer, Changed, Offered, Server
from apps.integrations.contracts.outcomes import Refused, Unusable
from apps.integrations.contracts.sign_in import SignInNeeded
from apps.lib import jsonschema
from apps.lib.errors import ProductError
from apps.policy.gate import tokens
from apps.policy.identity import credentials
from apps.policy.registry import servers
from apps.policy.registry.definitions import Tool
from apps.policy.registry.servers import ServerRow

T = TypeVar("T")


def asked(server: ServerRow, *, tool: str, ask: Callable[[Server], T], seconds: float = 10.0) -> T:
    """Ask a server something, showing what it is to be shown; a token that it refuses is renewed once, and shown again.

    tool: `server.tool`, or the server alone when it is only looked at. A server that refused a token did nothing else
    with the question. Raises as `ask` does, and Refused: what it is shown may not be opened, or nobody is signed in.
    """
    if server.auth != "oauth":
        return ask(Server(server.url, _bearer(tool=tool, credential=server.credential), seconds))
    if not server.credential and tool == server.name:  # a look finds out whether it still asks
        return ask(Server(server.url, "", seconds))
    until = time.monotonic() + seconds
    token = tokens.access(server, tool=tool)
    try:
        return ask(Server(server.url, token, max(1.0, until - time.monotonic())))
    except SignInNeeded:
        token = tokens.access(server, tool=tool, stale=token)
    return ask(Server(server.url, token, max(1.0, until - time.monotonic())))


def _bearer(*, tool: str, credential: str) -> str:
    """Return the secret that a server is shown; empty where it asks for none. Raises Refused: it may not be opened."""
    if not credential:
        return ""
    try:
        return credentials.open_for(tool=tool, credential=credential)
    except ProductError as error:
        raise Refused(f"The credential of this server can't be used: {error.sentence}") from error


def call(tool: Tool, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call a tool on its server and return text and structured answer.

    Raises: Changed (kept, so that a person sees it), Refused, Unreachable, Late, Unusable.
    """
    found = servers.find(name=tool.server)
    if found is None:
        raise Refused("The server of this tool was removed.")

    def ask(server: Server) -> Answer:
        return providers.tool_host().call(server, Offered(**tool.definition), arguments)

    try:
        answer = asked(found, tool=tool.name, ask=ask, seconds=tool.deadline_seconds - 5)
    except Changed as error:
        now = asdict(error.now) if error.now else None
        servers.note_change(name=tool.server, tool=tool.definition["name"], now=now)
        raise
    if tool.structured is not None:
        _check(tool, answer.structured)
    return {"text": answer.text, "structured": answer.structured, "omitted": answer.omitted}


def _check(tool: Tool, structured: Any) -> None:
    assert tool.structured is not None
    try:
        jsonschema.check(structured, tool.structured)
    except jsonschema.SchemaMismatch as error:
        raise Unusable(f"The answer of {tool.name} breaks what its server promised: {error.sentence}") from error
