"""An OpenAI-compatible server. It answers from the data it is given, by extraction, and counts what it was paid for.

`faults` is a list of names that the next completions fall for, one each: garbage, cut, refusal, huge, endless, slow,
error500, throttle, wrong_shape, obedient (does what a source orders), drop.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from apps.integrations.contracts.embed import EmbeddingRequest
from apps.integrations.contracts.llm import CompletionRequest
from apps.integrations.offline.embed import OfflineEmbedder
from apps.integrations.offline.llm import OfflineCompleter
from tests.servers.loopback import Quiet


class Model:
    """What the server did, and what it will do."""

    def __init__(self, *, pause: float = 0.0) -> None:
        self.paid: Counter[str] = Counter()
        self.requests = 0
        self.faults: list[str] = []
        self.pause = pause
        self.lock = threading.Lock()
        self.before: Callable[[], None] = lambda: None

    def twice(self) -> dict[str, int]:
        """Return the calls that were paid for more than once, by idempotency key."""
        return {key: count for key, count in self.paid.items() if count > 1}

    def handler(self) -> type[Quiet]:
        """Return a handler class bound to this model."""
        model = self

        class Handler(Quiet):
            def do_POST(self) -> None:
                request = json.loads(self.body())
                with model.lock:
                    model.requests += 1
                    fault = model.faults.pop(0) if model.faults and "messages" in request else ""
                model.before()
                time.sleep(model.pause)
                key = self.headers.get("Idempotency-Key") or "no key"
                if fault in FAULTS:
                    FAULTS[fault](self)
                    return
                with model.lock:
                    model.paid[key] += 1
                if self.path.endswith("/embeddings"):
                    self.answer(200, json.dumps(embed(request)).encode())
                else:
                    stream(self, json.dumps(complete(request)), fault)

        return Handler


def complete(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a structured completion from its own input."""
    shape = request["response_format"]["json_schema"]
    reply = OfflineCompleter().complete(
        CompletionRequest(
            task=shape["name"], instructions=request["messages"][0]["content"],
            input=json.loads(request["messages"][1]["content"]), reply_schema=shape["schema"], model=request["model"],
        )
    )  # fmt: skip
    return reply.data


def embed(request: dict[str, Any]) -> dict[str, Any]:
    """Answer an embeddings request."""
    reply = OfflineEmbedder().embed(EmbeddingRequest(texts=request["input"], model=request["model"]))
    rows = [{"object": "embedding", "index": i, "embedding": list(v)} for i, v in enumerate(reply.vectors)]
    usage = {"prompt_tokens": reply.input_tokens, "total_tokens": reply.input_tokens}
    return {"object": "list", "data": rows, "model": request["model"], "usage": usage}


def chunk(content: str | None = None, *, finish: str | None = None, **delta: Any) -> bytes:
    """Encode one chunk of a streamed completion."""
    body = {
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted-1",
        "choices": [{"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}],
    }  # fmt: skip
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def stream(handler: Quiet, text: str, fault: str = "") -> None:
    """Stream a completion in three chunks, then its usage."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    third = max(1, len(text) // 3)
    for start in range(0, len(text), third):
        handler.wfile.write(chunk(text[start : start + third]))
    handler.wfile.write(chunk(finish="length" if fault == "cut" else "stop"))
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
    tail = {
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted-1", "choices": [],
        "usage": usage,
    }  # fmt: skip
    handler.wfile.write(b"data: " + json.dumps(tail).encode() + b"\n\ndata: [DONE]\n\n")


def _open(handler: Quiet) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True


def _huge(handler: Quiet) -> None:
    _open(handler)
    block = chunk("x" * 100_000)
    for _ in range(500):
        handler.wfile.write(block)


def _endless(handler: Quiet) -> None:
    _open(handler)
    for _ in range(3000):
        handler.wfile.write(chunk("y"))
        time.sleep(0.02)


def _slow(handler: Quiet) -> None:
    _open(handler)
    time.sleep(60)


def _refusal(handler: Quiet) -> None:
    _open(handler)
    handler.wfile.write(chunk(refusal="I can't help with that.") + chunk(finish="stop") + b"data: [DONE]\n\n")


def _drop(handler: Quiet) -> None:
    _open(handler)
    handler.wfile.write(chunk('{"sub'))
    handler.connection.close()


FAULTS: dict[str, Callable[[Quiet], None]] = {
    "garbage": lambda handler: handler.answer(200, b"\x00\xff not json", "text/event-stream"),
    "refusal": _refusal,
    "huge": _huge,
    "endless": _endless,
    "slow": _slow,
    "error500": lambda handler: handler.answer(500, b'{"error": {"message": "boom"}}'),
    "throttle": lambda handler: handler.answer(429, b'{"error": {"message": "slow"}}', Retry_After="0.2"),
    "wrong_shape": lambda handler: stream(handler, '{"unexpected": 1}'),
    "drop": _drop,
}
