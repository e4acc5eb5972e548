"""A completer without a model: it answers by extracting sentences, and the same input always gets the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.integrations.contracts.llm import CompletionReply, CompletionRequest
from apps.integrations.contracts.outcomes import Unusable
from apps.integrations.offline.counting import count_data, count_tokens
from apps.integrations.offline.extractive import summarize
from apps.integrations.offline.planning import plan
from apps.integrations.offline.synthesis import synthesize
from apps.lib.text import clean_json

MODEL = "footnote-extract-1"
TASKS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "plan": plan,
    "summarize": summarize,
    "synthesize": synthesize,
}


class OfflineCompleter:
    """Plans, summarizes and synthesizes by rules over the text it is given; it knows nothing else."""

    provider = "offline"

    def complete(self, request: CompletionRequest) -> CompletionReply:
        """Answer one of TASKS. Tokens are words × 1.3 of instructions, input and reply. Raises: Unusable."""
        answer = TASKS.get(request.task)
        if answer is None:
            raise Unusable(f"The offline engine has no task {request.task!r}; it has {', '.join(TASKS)}.")
        try:
            data = answer(clean_json(dict(request.input)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unusable(f"The input of the task {request.task!r} is not as agreed: {error}.") from error
        return CompletionReply(
            data=data,
            model=MODEL,
            input_tokens=count_tokens(request.instructions) + count_data(request.input),
            output_tokens=count_data(data),
        )
