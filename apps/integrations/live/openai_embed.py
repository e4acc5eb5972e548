"""OpenAI-compatible embeddings, 384 dimensions."""

from __future__ import annotations

import math

import openai

from apps.integrations.contracts.embed import DIMENSIONS, EmbeddingReply, EmbeddingRequest
from apps.integrations.contracts.outcomes import Unusable
from apps.integrations.live.openai_llm import translate
from apps.lib import http

MOST_BYTES = 40_000_000


class OpenAIEmbedder:
    """Any server that speaks the embeddings API."""

    def __init__(self, *, base_url: str, api_key: str) -> None:
        self.provider = "openai"
        self._base_url, self._api_key = base_url, api_key

    def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Embed the texts. Raises: Unreachable, Throttled, Late, Unusable, Refused."""
        with (
            http.vendor_client(seconds=request.deadline_seconds, max_bytes=MOST_BYTES) as transport,
            openai.OpenAI(
                base_url=self._base_url, api_key=self._api_key, max_retries=0,
                http_client=transport,  # type: ignore[arg-type]  # httpx is taken too; its types name httpx2 only
            ) as client,
        ):  # fmt: skip
            try:
                answer = client.embeddings.create(
                    model=request.model, input=list(request.texts), dimensions=DIMENSIONS, encoding_format="float",
                    extra_headers={"Idempotency-Key": request.idempotency_key} if request.idempotency_key else None,
                )  # fmt: skip
            except BaseException as error:
                raise translate(error) from error
        rows = sorted(answer.data, key=lambda row: row.index)
        if len(rows) != len(request.texts):
            raise Unusable("The server gave another number of vectors than texts.")
        return EmbeddingReply(
            vectors=tuple(_unit(row.embedding) for row in rows), model=answer.model or request.model,
            input_tokens=answer.usage.prompt_tokens if answer.usage else 0,
        )  # fmt: skip


def _unit(vector: list[float]) -> tuple[float, ...]:
    if len(vector) != DIMENSIONS or not all(isinstance(v, int | float) and math.isfinite(v) for v in vector):
        raise Unusable(f"The server's vector is not {DIMENSIONS} finite numbers.")
    length = math.sqrt(sum(value * value for value in vector))
    if not length:
        raise Unusable("The server's vector is zero.")
    return tuple(value / length for value in vector)
