"""OpenAI-compatible models, by the chat completions API with structured outputs, streamed."""

from __future__ import annotations

import json
import time
from typing import Any

import openai

from apps.integrations.contracts.llm import CompletionReply, CompletionRequest
from apps.integrations.contracts.outcomes import Late, Refused, Throttled, Unreachable, Unusable
from apps.lib import http

MOST_BYTES = 8_000_000
MOST_CHARACTERS = 400_000


class OpenAICompleter:
    """Any server that speaks the API: OpenAI, vLLM, llama.cpp, a gateway."""

    def __init__(self, *, base_url: str, api_key: str) -> None:
        self.provider = "openai"
        self._base_url, self._api_key = base_url, api_key

    def complete(self, request: CompletionRequest) -> CompletionReply:
        """Answer the request; the model gets instructions as system and data as user message, and no tools.

        Raises: Unreachable, Throttled, Late, Unusable (cut off, not JSON, too long), Refused.
        """
        until = time.monotonic() + request.deadline_seconds
        with (
            http.vendor_client(seconds=min(60, request.deadline_seconds), max_bytes=MOST_BYTES) as transport,
            openai.OpenAI(
                base_url=self._base_url, api_key=self._api_key, max_retries=0,
                http_client=transport,  # type: ignore[arg-type]  # httpx is taken too; its types name httpx2 only
            ) as client,
        ):  # fmt: skip
            try:
                return self._stream(client, request, until)
            except BaseException as error:
                raise translate(error) from error

    def _stream(self, client: openai.OpenAI, request: CompletionRequest, until: float) -> CompletionReply:
        stream = client.chat.completions.create(
            model=request.model,
            messages=[
                {"role": "system", "content": request.instructions},
                {"role": "user", "content": json.dumps(dict(request.input), ensure_ascii=False)},
            ],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": request.task, "schema": dict(request.reply_schema), "strict": True},
            },
            max_completion_tokens=request.max_output_tokens,
            stream=True,
            stream_options={"include_usage": True},
            extra_headers={"Idempotency-Key": request.idempotency_key} if request.idempotency_key else None,
        )  # fmt: skip
        text, finish, usage, model = "", None, None, request.model
        with stream:
            for chunk in stream:
                if time.monotonic() > until:
                    raise Late("The model did not finish within its deadline.")
                usage, model = chunk.usage or usage, chunk.model or model
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    if choice.delta and choice.delta.refusal:
                        raise Refused("The model refused to answer.")
                    text += (choice.delta.content or "") if choice.delta else ""
                if len(text) > MOST_CHARACTERS:
                    raise Unusable("The model's reply is longer than any report needs.")
        return _reply(text, finish, usage, model)


def _reply(text: str, finish: str | None, usage: Any, model: str) -> CompletionReply:
    if finish == "content_filter":
        raise Refused("The model's provider filtered the reply.")
    if finish != "stop":
        raise Unusable("The model's reply was cut off.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable("The model's reply is not JSON.") from error
    if not isinstance(data, dict):
        raise Unusable("The model's reply is not a JSON object.")
    details = getattr(usage, "prompt_tokens_details", None)
    return CompletionReply(
        data=data, model=model,
        # A server that gives no usage is counted by length: four characters a token.
        input_tokens=usage.prompt_tokens if usage else 0,
        output_tokens=usage.completion_tokens if usage else max(1, len(text) // 4),
        cached_input_tokens=(getattr(details, "cached_tokens", 0) or 0) if details else 0,
    )  # fmt: skip


def translate(error: BaseException) -> BaseException:
    """Turn what the library raises into our outcomes; leave what is ours or not expected as it is."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, http.TooLarge):
            return Unusable("The model's reply is larger than any report needs.")
        if isinstance(found, http.TooSlow):
            return Late("The model did not finish within its deadline.")
        found = found.__cause__ or found.__context__
    if isinstance(error, openai.APITimeoutError):
        return Late("The model did not answer in time.")
    if isinstance(error, openai.APIConnectionError):
        return Unreachable("The model's server can't be reached.")
    if isinstance(error, openai.APIStatusError):
        return _status(error)
    if isinstance(error, openai.OpenAIError | ValueError | KeyError | TypeError | AttributeError):
        return Unusable("The model's server answered something that is not its API.")
    if type(error).__module__.startswith(("httpx", "httpcore")):
        return Unreachable("The connection to the model's server broke.")
    return error


def _status(error: openai.APIStatusError) -> Exception:
    status = error.status_code
    if status == 429:
        return Throttled("The model's server asks to slow down.", retry_after=_seconds(error))
    if status in {408, 409} or status >= 500:
        return Unreachable(f"The model's server answered {status}.")
    return Refused(f"The model's server refused the request ({status}). Check its key and the model's name.")


def _seconds(error: openai.APIStatusError) -> float | None:
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None
