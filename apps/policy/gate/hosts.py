"""Call a tool of somebody else's server: with the workspace's credential, as it was approved, its answer checked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apps.integrations import providers
from apps.integrations.contracts.mcp import Changed, Offered, Server
from apps.integrations.contracts.outcomes import Refused, Unusable
from apps.lib import jsonschema
from apps.lib.errors import ProductError
from apps.policy.identity import credentials
from apps.policy.registry import servers
from apps.policy.registry.definitions import Tool


def bearer(*, tool: str, credential: str) -> str:
    """Return the secret that a server is shown; empty where it asks for none. Raises Refused: it may not be opened.

    tool: `server.tool`, or the server alone when it is only looked at.
    """
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
    server = Server(found.url, bearer(tool=tool.name, credential=found.credential), tool.deadline_seconds - 5)
    try:
        answer = providers.tool_host().call(server, Offered(**tool.definition), arguments)
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
