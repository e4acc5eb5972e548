"""Make the call itself: an adapter behind its contract, or a tool that a room of ours has bound."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.integrations import providers
from apps.integrations.contracts.embed import EmbeddingRequest
from apps.integrations.contracts.fetch import FetchRequest
from apps.integrations.contracts.llm import CompletionRequest
from apps.integrations.contracts.outcomes import Throttled, Unusable
from apps.integrations.contracts.search import SearchRequest
from apps.lib import blobs, clock, jsonschema, text
from apps.policy import rules
from apps.policy.gate import hosts
from apps.policy.gate.ledger import Spent
from apps.policy.identity.delegation import Principal
from apps.policy.registry import catalogue
from apps.policy.registry.catalogue import Tool

# The tasks of a run that the cheap model may do; what is published is written by the chosen one.
CHEAPLY = frozenset({"plan", "summarize"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, ready to be made."""

    principal: Principal
    tool: Tool
    arguments: Mapping[str, Any]
    key: str
    slow: bool = False


def perform(asked: Asked) -> tuple[dict[str, Any], Spent]:
    """Make a call and check its answer. Raises the adapters' errors; Unusable where the answer breaks its schema."""
    if asked.tool.protocol == "builtin":
        result = catalogue.builtin()[asked.tool.name](
            workspace=asked.principal.workspace, run=asked.principal.run, person=asked.principal.person,
            **asked.arguments,
        )  # fmt: skip
        spent = Spent(provider="footnote")
    elif asked.tool.server:
        result, spent = hosts.call(asked.tool, dict(asked.arguments)), Spent(provider="mcp")
    else:
        result, spent = _patiently(lambda: ADAPTERS[asked.tool.name](asked), asked.tool.deadline_seconds)
    result = text.clean_json(result)
    try:
        jsonschema.check(result, asked.tool.output)
    except jsonschema.SchemaMismatch as error:
        raise Unusable(f"The answer of {asked.tool.name} breaks its contract: {error.sentence}") from error
    return result, spent


def _patiently(call: Callable[[], Any], seconds: float) -> Any:
    """Honour Retry-After while the deadline allows it."""
    until = time.monotonic() + seconds
    for pause in (1.0, 2.0, 4.0, None):
        try:
            return call()
        except Throttled as error:
            wait = error.retry_after if error.retry_after is not None else pause
            if pause is None or wait is None or time.monotonic() + wait > until:
                raise
            time.sleep(wait)
    raise AssertionError("unreachable")


def _complete(asked: Asked) -> tuple[dict[str, Any], Spent]:
    completer = providers.completer(asked.principal.mode)
    model, prices = _model(asked)
    reply = completer.complete(
        CompletionRequest(
            task=asked.arguments["task"], instructions=asked.arguments["instructions"],
            input=asked.arguments["input"], reply_schema=asked.arguments["reply_schema"],
            model=model, max_output_tokens=asked.arguments.get("max_output_tokens", 8000),
            deadline_seconds=asked.tool.deadline_seconds - 10, idempotency_key=asked.key,
        )
    )  # fmt: skip
    data = text.clean_json(reply.data)
    try:
        jsonschema.check(data, asked.arguments["reply_schema"])
    except jsonschema.SchemaMismatch as error:
        raise Unusable(f"The model's reply breaks its contract: {error.sentence}") from error
    price = 0
    if completer.provider != "offline":
        price = rules.token_cost(reply.input_tokens, reply.output_tokens, input_price=prices[0], output_price=prices[1])
    return {"data": data}, Spent(
        input_tokens=reply.input_tokens, output_tokens=reply.output_tokens,
        cached_input_tokens=reply.cached_input_tokens, micro_dollars=price, model=reply.model,
        provider=completer.provider,
    )  # fmt: skip


def _model(asked: Asked) -> tuple[str, tuple[int, int]]:
    """Choose the model and its prices: the cheap one where a budget is nearly used and the task bears it."""
    if asked.slow and settings.OPENAI_CHEAP_MODEL and asked.arguments["task"] in CHEAPLY:
        return settings.OPENAI_CHEAP_MODEL, (settings.OPENAI_CHEAP_INPUT_PRICE, settings.OPENAI_CHEAP_OUTPUT_PRICE)
    return settings.OPENAI_MODEL, (settings.OPENAI_INPUT_PRICE, settings.OPENAI_OUTPUT_PRICE)


def _embed(asked: Asked) -> tuple[dict[str, Any], Spent]:
    embedder = providers.embedder(asked.principal.mode)
    reply = embedder.embed(
        EmbeddingRequest(
            texts=asked.arguments["texts"], model=settings.OPENAI_EMBEDDING_MODEL,
            deadline_seconds=asked.tool.deadline_seconds - 10, idempotency_key=asked.key,
        )
    )  # fmt: skip
    price = 0
    if embedder.provider != "offline":
        price = rules.token_cost(
            reply.input_tokens, 0, input_price=settings.OPENAI_EMBEDDING_PRICE, output_price=0
        )  # fmt: skip
    vectors = [[round(value, 6) for value in vector] for vector in reply.vectors]
    return {"vectors": vectors}, Spent(
        input_tokens=reply.input_tokens, micro_dollars=price, model=reply.model, provider=embedder.provider
    )


def _search(asked: Asked) -> tuple[dict[str, Any], Spent]:
    searcher = providers.searcher()
    reply = searcher.search(
        SearchRequest(
            query=asked.arguments["query"], limit=asked.arguments.get("max_results", 10),
            deadline_seconds=asked.tool.deadline_seconds - 5,
        )
    )  # fmt: skip
    hits = [
        {"url": hit.url, "title": hit.title, "snippet": hit.snippet, "published_date": hit.published_date}
        for hit in reply.hits
    ]
    return {"hits": hits}, Spent(provider=searcher.provider, micro_dollars=asked.tool.micro_dollars)


def _fetch(asked: Asked) -> tuple[dict[str, Any], Spent]:
    fetcher = providers.fetcher()
    reply = fetcher.fetch(
        FetchRequest(
            url=asked.arguments["url"], max_bytes=settings.MAX_BODY_BYTES,
            deadline_seconds=asked.tool.deadline_seconds - 5,
        )
    )  # fmt: skip
    return {
        "url": reply.url, "status": reply.status, "media_type": reply.media_type, "charset": reply.charset,
        "sha256": blobs.put(asked.principal.workspace, reply.body), "fetched_at": clock.now().isoformat(),
    }, Spent(provider=fetcher.provider, micro_dollars=asked.tool.micro_dollars)  # fmt: skip


ADAPTERS: dict[str, Callable[[Asked], tuple[dict[str, Any], Spent]]] = {
    "model_complete": _complete, "model_embed": _embed, "web_search": _search, "web_fetch": _fetch,
}  # fmt: skip
KIND = {"model_complete": "generation", "model_embed": "embedding", "web_search": "search", "web_fetch": "fetch"}


def kind(tool: Tool) -> str:
    """Return among which calls this one takes its place: those of its kind of vendor, or of its server."""
    return f"server:{tool.server}" if tool.server else KIND[tool.name]
