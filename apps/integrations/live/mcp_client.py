"""Servers of tools by streamable HTTP: one address, resolved once, no redirect, one deadline, one cap on bytes."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeVar

import anyio
import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.auth.utils import extract_resource_metadata_from_www_auth, extract_scope_from_www_auth
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from apps.integrations.contracts.mcp import Answer, Changed, Offer, Offered, Server
from apps.integrations.contracts.outcomes import AdapterError, Late, Refused, Unreachable, Unusable
from apps.integrations.contracts.sign_in import Challenge, SignInNeeded
from apps.lib import http, text

log = logging.getLogger(__name__)
MOST_PAGES = 5
MOST_TOOLS = 100
MOST_TEXT = 200_000
MOST_DEPTH = 32
T = TypeVar("T")
# The library tells of each session it opens, and writes down whole answers that it can't read.
for _name in ("mcp", "httpx2", "client"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@cache
def _authorities() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def way_out() -> httpx2.AsyncHTTPTransport:
    """Return a transport without retries or a proxy; whom it trusts is read once a process, which takes 30 ms."""
    return httpx2.AsyncHTTPTransport(verify=_authorities(), retries=0, trust_env=False)


class Guarded(httpx2.AsyncBaseTransport):
    """Goes to one resolved address of one origin; keeps the first thing that went wrong in our words."""

    def __init__(self, server: Server, *, host: str, address: str, inner: httpx2.AsyncBaseTransport) -> None:
        self.origin = httpx2.URL(server.url)
        self.host, self.address, self.inner = host, address, inner
        self.left = server.max_bytes
        self.trouble: AdapterError | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request on its way. Raises Refused where it or its answer leads elsewhere."""
        host, address = await self.where(request.url)
        request.headers["Host"] = request.url.netloc.decode("ascii")
        request.url = request.url.copy_with(host=address)
        request.extensions = {**request.extensions, "sni_hostname": host}
        response = await self.inner.handle_async_request(request)
        if objection := self.objection(response):
            await response.aclose()
            raise self.fail(objection)
        response.stream = Cut(response.stream, self)
        return response

    async def where(self, url: httpx2.URL) -> tuple[str, str]:
        """Return host and address of what is asked. Raises Refused for another origin than the server's own."""
        if (url.scheme, url.host, url.port) != (self.origin.scheme, self.origin.host, self.origin.port):
            raise self.fail(Refused("The server wanted to be asked at another address."))
        return self.host, self.address

    def objection(self, response: httpx2.Response) -> AdapterError | None:
        """Say why an answer is not read, or None."""
        if response.status_code in http.REDIRECTS:
            return Refused("The server answered with a redirect, which is not followed.")
        if response.status_code in {401, 403}:
            return _unwelcome(response)
        if response.headers.get("content-encoding", "identity") != "identity":
            return Unusable("The server packed its answer, which was not asked for.")
        return None

    def fail(self, error: AdapterError) -> AdapterError:
        """Keep what went wrong first: the library wraps what is raised below it."""
        self.trouble = self.trouble or error
        return error

    async def aclose(self) -> None:
        """Close the connections."""
        await self.inner.aclose()


def _unwelcome(response: httpx2.Response) -> AdapterError:
    sentence = f"The server asks for another or a valid credential ({response.status_code})."
    if response.status_code == 403:
        return Refused(sentence)
    metadata, scope = extract_resource_metadata_from_www_auth(response), extract_scope_from_www_auth(response)
    return SignInNeeded(sentence, challenge=Challenge(metadata or "", scope or ""))


class Cut(httpx2.AsyncByteStream):
    """A body of which no more is read than its guard has left."""

    def __init__(self, inner: Any, guard: Guarded) -> None:
        self.inner, self.guard = inner, guard

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.inner:
            self.guard.left -= len(chunk)
            if self.guard.left < 0:
                raise self.guard.fail(Unusable("The server's answer is larger than allowed."))
            yield chunk

    async def aclose(self) -> None:
        await self.inner.aclose()


class McpToolHost:
    """Servers of tools; loopback_hosts are `host:port` on this machine that it may reach all the same."""

    provider = "mcp"

    def __init__(self, *, loopback_hosts: tuple[str, ...] = ()) -> None:
        self._loopback_hosts = loopback_hosts

    def look(self, server: Server) -> Offer:
        """See ToolHost."""

        async def ask(client: Client) -> Offer:
            return Offer(client.protocol_version, await _listed(client))

        return self._asked(server, ask)

    def call(self, server: Server, tool: Offered, arguments: dict[str, Any]) -> Answer:
        """See ToolHost. What the server offers is listed anew in the same session, before the call."""

        async def ask(client: Client) -> Answer:
            now = next((each for each in await _listed(client) if each.name == tool.name), None)
            if now != tool:
                raise Changed("The server offers another tool under this name than was approved.", now=now)
            return _answer(await _called(client, tool.name, arguments))

        return self._asked(server, ask)

    def _asked(self, server: Server, ask: Callable[[Client], Awaitable[T]]) -> T:
        host, address = self._place(server.url)
        guard = Guarded(server, host=host, address=address, inner=way_out())
        try:
            return anyio.run(_session, server, guard, ask)
        except TimeoutError as error:
            raise Late(f"The server did not answer within {server.seconds:g} seconds.") from error
        except Exception as error:
            raise told(error, guard) from error

    def _place(self, url: str) -> tuple[str, str]:
        try:
            return http.place(url, loopback_hosts=self._loopback_hosts)
        except http.Forbidden as error:
            raise Refused(error.sentence) from error
        except http.HttpError as error:
            raise Unreachable(error.sentence) from error


async def _session(server: Server, guard: Guarded, ask: Callable[[Client], Awaitable[T]]) -> T:
    with anyio.fail_after(server.seconds):
        async with _client(server, guard) as client:
            return await ask(client)


@asynccontextmanager
async def _client(server: Server, guard: Guarded) -> AsyncIterator[Client]:
    headers = {"User-Agent": http.AGENT, "Accept-Encoding": "identity"}
    if server.bearer:
        headers["Authorization"] = f"Bearer {server.bearer}"
    async with httpx2.AsyncClient(
        transport=guard, headers=headers, timeout=httpx2.Timeout(server.seconds), trust_env=False,
        follow_redirects=False,
    ) as web:  # fmt: skip
        transport = streamable_http_client(
            server.url, http_client=web, terminate_on_close=False, max_sse_event_size=server.max_bytes
        )
        name = types.Implementation(name="footnote", version="1")
        async with Client(transport, client_info=name, cache=None, read_timeout_seconds=server.seconds) as client:
            yield client


async def _listed(client: Client) -> tuple[Offered, ...]:
    found: list[Offered] = []
    cursor: str | None = None
    for _page in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [_offered(tool) for tool in page.tools]
        cursor = page.next_cursor
        if len(found) > MOST_TOOLS:
            raise Unusable(f"The server offers more than {MOST_TOOLS} tools.")
        if cursor is None:
            return tuple(found)
    raise Unusable("The server's list of tools has no end.")


def _offered(tool: types.Tool) -> Offered:
    words: dict[str, Any] = text.clean_json({
        "name": tool.name, "description": tool.description or "", "input": tool.input_schema,
        "output": tool.output_schema,
    })  # fmt: skip
    return Offered(**words)


async def _called(client: Client, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    # Not `client.call_tool`: it would check the answer against the server's own schema before we have bounded it,
    # and answer questions that the server asks back.
    request = types.CallToolRequest(params=types.CallToolRequestParams(name=name, arguments=arguments))
    result = await client.session.send_request(request, types.CallToolResult)
    return result


def _answer(result: types.CallToolResult) -> Answer:
    parts = [part.text for part in result.content if isinstance(part, types.TextContent)]
    said = "\n".join(parts)
    if result.is_error:
        raise Refused(f"The tool answered with an error: {text.clean(said)[:300]}")
    if len(said) > MOST_TEXT:
        raise Unusable(f"The tool's answer has more than {MOST_TEXT} characters.")
    if _deep(result.structured_content, MOST_DEPTH):
        raise Unusable(f"The tool's answer is nested more than {MOST_DEPTH} deep.")
    return Answer(text.clean(said), text.clean_json(result.structured_content), len(result.content) - len(parts))


def _deep(value: Any, most: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most < 0 or any(_deep(each, most - 1) for each in inner)


def told(error: BaseException, guard: Guarded) -> AdapterError:
    """Say in our words what went wrong: our own reason first, then what the library found."""
    causes = list(_causes(error))
    own = next((each for each in causes if isinstance(each, AdapterError)), guard.trouble)
    if own is not None:
        return own
    if any(isinstance(each, TimeoutError | httpx2.TimeoutException) for each in causes):
        return Late("The server did not answer in time.")
    if any(isinstance(each, httpx2.TransportError | OSError) for each in causes):
        return Unreachable("The server can't be reached, or cut the connection.")
    wrong = next((each for each in causes if isinstance(each, MCPError)), None)
    if wrong is not None:
        return Unusable(f"The server answered with an error of the protocol: {text.clean(str(wrong))[:200]}")
    log.info("an MCP server's answer could not be read: %s", type(causes[-1]).__name__)
    return Unusable(f"The server's answer is not what the protocol asks for ({type(causes[-1]).__name__}).")


def _causes(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [each for inner in error.exceptions for each in _causes(inner)]
    return [error]
