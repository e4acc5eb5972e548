"""A server of tools by the real library and streamable HTTP, on 127.0.0.1; and servers that misbehave.

`python -m tests.servers.mcp 8123` serves the well-behaved one on that port, for a demonstration.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer

from tests.servers.loopback import Quiet, serving

GAUGES = {"harrow": 61, "elm": 38}


class Gauges:
    """What the tools answer and say of themselves; a test changes it to play a server that turns."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.description = "Height of a dam in metres, from the water board's own table."
        self.authorization: list[str] = []

    def app(self) -> Any:
        """Return the server as an ASGI application; a tool's description is read anew for each list."""
        server: MCPServer = MCPServer("gauges")

        def dam_height(dam: str) -> dict[str, int]:
            self.calls.append(dam)
            return {"metres": GAUGES[dam]}

        server.add_tool(dam_height, name="dam_height", description=self.description)

        def say(words: str) -> str:
            self.calls.append(words)
            return f"You said {words}"

        server.add_tool(say, name="say", description="Say it again.")
        inner = server.streamable_http_app(stateless_http=True, json_response=True)

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self.authorization.append(dict(scope["headers"]).get(b"authorization", b"").decode())
                server._tool_manager._tools["dam_height"].description = self.description
            await inner(scope, receive, send)

        return outer


@contextmanager
def serving_app(app: Any, port: int = 0) -> Iterator[str]:
    """Serve an ASGI application in a thread; yields the address of its tools."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join(5)
        taken.close()


TOOL = {"name": "height", "description": "Height.", "inputSchema": {"type": "object"}}


class Bad:
    """A server that speaks the older revision by hand and misbehaves where it is told to.

    how: slow, huge, endless, redirect, garbage, lying (its answer breaks its own schema), hostile (its tools' schemas
    are traps), forbidden.
    """

    def __init__(self, how: str, *, elsewhere: str = "http://169.254.169.254/latest/meta-data") -> None:
        self.how, self.elsewhere = how, elsewhere
        self.tools: list[dict[str, Any]] = [dict(TOOL)]
        self.asked: list[str] = []

    def handler(self) -> type[Quiet]:
        """Return a handler class bound to this server."""
        bad = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                bad.asked.append(f"GET {self.path}")
                self.answer(405, b"")

            def do_POST(self) -> None:
                message = json.loads(self.body())
                bad.asked.append(message["method"])
                bad.reply(self, message)

        return Handler

    def reply(self, to: Quiet, message: dict[str, Any]) -> None:
        """Answer one message of the protocol, each in its own wrong way."""
        if self.how == "redirect":
            to.answer(307, b"", Location=self.elsewhere)
        elif self.how == "garbage":
            to.answer(200, b"<html>no</html>", "text/html")
        elif self.how == "forbidden":
            to.answer(401, b"{}")
        elif self.how == "slow":
            time.sleep(8)
            to.answer(200, b"{}")
        elif "id" not in message:
            to.answer(202, b"")
        else:
            self._say(to, message)

    def _say(self, to: Quiet, message: dict[str, Any]) -> None:
        method, result = message["method"], {}
        if method == "initialize":
            result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                      "serverInfo": {"name": "bad", "version": "1"}}  # fmt: skip
        elif method == "tools/list":
            result = {"tools": self.tools} | ({"nextCursor": "on"} if self.how == "endless" else {})
        elif method == "tools/call":
            said = "x" * (5_000_000 if self.how == "huge" else 5)
            result = {"content": [{"type": "text", "text": said}], "structuredContent": {"metres": "tall"}}
        else:
            error = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "unknown"}}
            to.answer(200, json.dumps(error).encode())
            return
        to.answer(200, json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())


@contextmanager
def misbehaving(how: str, **more: Any) -> Iterator[tuple[str, Bad]]:
    """Serve a server that misbehaves; yields its address and itself."""
    bad = Bad(how, **more)
    with serving(bad.handler()) as origin:
        yield f"{origin}/mcp", bad


if __name__ == "__main__":
    with serving_app(Gauges().app(), int(sys.argv[1])) as at:
        print(at, flush=True)
        threading.Event().wait()
