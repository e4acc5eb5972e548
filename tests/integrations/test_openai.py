"""The OpenAI adapters over real HTTP against a scripted server that misbehaves on demand."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from apps.integrations.contracts.embed import EmbeddingRequest
from apps.integrations.contracts.llm import CompletionRequest
from apps.integrations.contracts.outcomes import AdapterError, Late, Refused, Throttled, Unreachable, Unusable
from apps.integrations.live.openai_embed import OpenAIEmbedder
from apps.integrations.live.openai_llm import OpenAICompleter
from tests.servers.loopback import serving
from tests.servers.model import Model

PLAN = {"question": "When was the dam opened?", "documents": [], "max_sub_questions": 2, "max_queries": 4}


@pytest.fixture
def model() -> Iterator[tuple[Model, str]]:
    scripted = Model()
    with serving(scripted.handler()) as origin:
        yield scripted, f"{origin}/v1"


def request(**more: object) -> CompletionRequest:
    schema = {"type": "object"}
    return CompletionRequest("plan", "Plan.", PLAN, schema, "scripted-1", idempotency_key="key-1", **more)


def test_a_streamed_structured_reply_comes_back_as_data_with_its_tokens(model: tuple[Model, str]) -> None:
    scripted, url = model
    reply = OpenAICompleter(base_url=url, api_key="k").complete(request())
    assert reply.data["sub_questions"]
    assert (reply.input_tokens, reply.output_tokens, reply.model) == (100, 50, "scripted-1")
    assert scripted.paid == {"key-1": 1}


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("garbage", Unusable), ("cut", Unusable), ("refusal", Refused), ("huge", Unusable), ("endless", Late),
        ("slow", Late), ("error500", Unreachable), ("throttle", Throttled), ("drop", AdapterError),
    ],
)  # fmt: skip
def test_a_server_that_misbehaves_ends_in_a_clear_outcome(
    model: tuple[Model, str], fault: str, outcome: type[AdapterError]
) -> None:
    scripted, url = model
    scripted.faults = [fault]
    began = time.monotonic()
    with pytest.raises(outcome):
        OpenAICompleter(base_url=url, api_key="k").complete(request(deadline_seconds=2))
    assert time.monotonic() - began < 20


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        OpenAICompleter(base_url="http://127.0.0.1:9/v1", api_key="k").complete(request(deadline_seconds=2))


def test_embeddings_come_back_as_unit_vectors_in_order(model: tuple[Model, str]) -> None:
    _scripted, url = model
    reply = OpenAIEmbedder(base_url=url, api_key="k").embed(EmbeddingRequest(["one", "two"], "e"))
    assert len(reply.vectors) == 2
    assert all(abs(sum(v * v for v in vector) - 1) < 1e-6 for vector in reply.vectors)
