"""Live or offline? Settings and the run's mode → one adapter a kind. Vendors are imported on first use only."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from apps.integrations.contracts.embed import Embedder
from apps.integrations.contracts.fetch import Fetcher
from apps.integrations.contracts.llm import Completer
from apps.integrations.contracts.mcp import ToolHost
from apps.integrations.contracts.outcomes import Refused
from apps.integrations.contracts.search import Searcher
from apps.integrations.contracts.sign_in import SignInHost


@lru_cache(maxsize=2)
def completer(mode: str) -> Completer:
    """Return the model for a mode: "mock" or "live". Raises Refused where live has no key."""
    if mode != "live":
        from apps.integrations.offline.llm import OfflineCompleter

        return OfflineCompleter()
    from apps.integrations.live.openai_llm import OpenAICompleter

    return OpenAICompleter(base_url=settings.OPENAI_BASE_URL, api_key=_key())


@lru_cache(maxsize=2)
def embedder(mode: str) -> Embedder:
    """Return the embedder for a mode. Raises Refused where live has no key."""
    if mode != "live":
        from apps.integrations.offline.embed import OfflineEmbedder

        return OfflineEmbedder()
    from apps.integrations.live.openai_embed import OpenAIEmbedder

    return OpenAIEmbedder(base_url=settings.OPENAI_BASE_URL, api_key=_key())


@lru_cache(maxsize=1)
def searcher() -> Searcher:
    """Return the web search that settings name. Raises Refused where they name none."""
    if settings.SEARCH_PROVIDER == "searxng":
        from apps.integrations.live.searxng_search import SearxngSearcher

        return SearxngSearcher(url=settings.SEARXNG_URL)
    if settings.SEARCH_PROVIDER == "tavily":
        from apps.integrations.live.tavily_search import TavilySearcher

        return TavilySearcher(url=settings.TAVILY_URL, api_key=settings.TAVILY_API_KEY)
    raise Refused("No web search is set up. Set SEARCH_PROVIDER to searxng or tavily at the gate.")


@lru_cache(maxsize=1)
def fetcher() -> Fetcher:
    """Return the fetcher of web pages."""
    from apps.integrations.live.web_fetch import WebFetcher

    return WebFetcher(loopback_hosts=tuple(settings.FETCH_LOOPBACK_HOSTS))


@lru_cache(maxsize=1)
def tool_host() -> ToolHost:
    """Return what asks servers of tools."""
    from apps.integrations.live.mcp_client import McpToolHost

    return McpToolHost(loopback_hosts=tuple(settings.MCP_LOOPBACK_HOSTS))


@lru_cache(maxsize=1)
def sign_in_host() -> SignInHost:
    """Return what asks the authorization servers of servers of tools."""
    from apps.integrations.live.mcp_sign_in import McpSignInHost

    return McpSignInHost(loopback_hosts=tuple(settings.MCP_LOOPBACK_HOSTS))


def _key() -> str:
    if not settings.OPENAI_API_KEY:
        raise Refused("Live mode needs OPENAI_API_KEY at the gate. Set it there, or run in mock mode.")
    return settings.OPENAI_API_KEY
