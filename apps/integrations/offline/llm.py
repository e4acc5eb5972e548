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

_NEEDED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "plan": ("documents", ()),
    "summarize": ("passages", ("id", "source", "text")),
    "synthesize": ("sections", ("sub_question", "sentences")),
}


class OfflineCompleter:
    """Plans, summarizes and synthesizes by rules over the text it is given; it knows nothing else."""

    provider = "offline"

    def complete(self, request: CompletionRequest) -> CompletionReply:
        """Answer one of TASKS. Tokens are words × 1.3 of instructions, input and reply. Raises: Unusable."""
        answer = TASKS.get(request.task)
        if answer is None:
            raise Unusable(f"The offline engine has no task {request.task!r}; it has {', '.join(TASKS)}.")
        given = clean_json(dict(request.input))
        _check(request.task, given)
        data = answer(given)
        return CompletionReply(
            data=data,
            model=MODEL,
            input_tokens=count_tokens(request.instructions) + count_data(request.input),
            output_tokens=count_data(data),
        )


def _check(task: str, given: Mapping[str, Any]) -> None:
    """See that the input has the shape that the task needs. Raises: Unusable."""
    entries, keys = _NEEDED[task]
    listed = given.get(entries)
    if not isinstance(given.get("question"), str) or not isinstance(listed, list):
        raise Unusable(f"The task {task!r} needs a question and a list of {entries}.")
    for entry in listed:
        missing = [key for key in keys if not isinstance(entry, dict) or key not in entry]
        if missing:
            raise Unusable(f"The task {task!r} needs {', '.join(missing)} in each of its {entries}.")
