"""Prompts, one file a step, versioned by hash; and one way to ask a model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from apps.runtime.context import StepContext

FOLDER = Path(__file__).resolve().parent.parent / "prompts"
Reply = TypeVar("Reply", bound=BaseModel)


@lru_cache(maxsize=16)
def prompt(task: str) -> tuple[str, str]:
    """Return a prompt's text and the hash that is its version."""
    text = (FOLDER / f"{task}.md").read_text()
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


def versions() -> dict[str, str]:
    """Return the version of every prompt."""
    return {path.stem: prompt(path.stem)[1] for path in sorted(FOLDER.glob("*.md"))}


def ask(context: StepContext, task: str, given: Mapping[str, Any], reply: type[Reply]) -> Reply:
    """Ask the model for a checked reply. The model has no tools; what a source says stays in `given`."""
    instructions, version = prompt(task)
    arguments = {
        "task": task, "instructions": instructions, "input": dict(given),
        "reply_schema": reply.model_json_schema(by_alias=True),
    }  # fmt: skip
    return reply.model_validate(context.call(task, "model_complete", arguments, version=version)["data"])
