"""Examine what goes into a call and what comes out. Guardrails are signals; containment is what protects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.lib.errors import ProductError
from apps.policy import rules
from apps.policy.guardrails import injection, keys, links, personal, texts, topic
from apps.policy.guardrails.choices import CHECKS, Chosen
from apps.policy.guardrails.findings import Finding, Findings, Path, Span
from apps.policy.registry.definitions import Tool

# What a person wrote or a rule named: no check of what sources say looks there.
BY_PEOPLE = frozenset({"question", "sub_question", "assumptions"})
# What binds an answer to its sources. Blacked out it would bind nothing.
BINDINGS = frozenset({"quote", "passage", "from", "id"})
SENTENCES = {
    "secrets_sent": "A secret would leave the workspace.",
    "personal_sent": "What names or reaches a person would leave the workspace.",
    "personal_read": "A model would read what names or reaches a person.",
    "personal_written": "A model wrote what names or reaches a person.",
    "links_written": "A model wrote an address that stands in nothing it was given.",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a call is looked at. place: input or output; given: the arguments, once there is an output."""

    place: str
    tool: Tool
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_model(self) -> bool:
        """Whether a model reads or writes here."""
        return self.tool.scope == "model"

    @property
    def leaves(self) -> bool:
        """Whether the arguments leave the workspace for anybody but the model's provider."""
        return not self.is_model and self.tool.network not in {"none", "deny_all"}

    @property
    def brings(self) -> bool:
        """Whether the answer holds what somebody else wrote: of a source, or of another's server."""
        return not self.is_model and (self.tool.effect == "read" or bool(self.tool.server))


def examine(stage: Stage, value: Any, chosen: Chosen, ask: topic.Ask | None = None) -> Findings:
    """Run every check that is on and belongs here. Redactions keep the length of each text.

    value: arguments or result. ask: how a model is asked, for the one check that does; None: none is asked.
    """
    found: list[Finding] = []
    changed: dict[Path, str] = {}
    for path, text in _looked_at(stage, value):
        for name, look in _checks(stage, path):
            if chosen.actions[name] != "off" and (spans := look(text)):
                found.append(_finding(name, chosen.actions[name], path, spans))
                if chosen.actions[name] == "redact":
                    wide = injection.whole_sentences(text, spans) if name == "injection" else spans
                    changed[path] = texts.redacted(changed.get(path, text), wide)
    if not any(each.verdict in {"block", "tripwire"} for each in found):
        found += _of_topic(stage, value, chosen, ask)
    return Findings(texts.replaced(value, changed) if changed else value, tuple(found))


def _looked_at(stage: Stage, value: Any) -> Iterator[tuple[Path, str]]:
    """Of what a model is asked, only its input: instructions and shapes are ours."""
    for path, text in texts.walk(value):
        if not (stage.place == "input" and stage.tool.name == "model_complete" and path[:1] != ("input",)):
            yield path, text


def _checks(stage: Stage, path: Path) -> Iterator[tuple[str, Callable[[str], tuple[Span, ...]]]]:
    names = {part for part in path if isinstance(part, str)}
    if stage.place == "input":
        if stage.leaves:
            yield "secrets_sent", keys.found
            yield "personal_sent", personal.found
        if stage.is_model:
            yield "personal_read", personal.found
            if not names & BY_PEOPLE:
                yield "injection", injection.signals
    elif stage.tool.name == "model_complete":
        if not names & BINDINGS:
            given = rules.canonical(stage.given)
            yield "personal_written", personal.found
            yield "links_written", lambda text: links.strange(text, given)
    elif stage.brings:
        yield "injection", injection.signals


def _finding(name: str, action: str, path: Path, spans: tuple[Span, ...]) -> Finding:
    sentence = injection.sentence(spans) if name == "injection" else SENTENCES[name]
    verdict = "tripwire" if action == "block" and CHECKS[name].tripwire else action
    return Finding(name, verdict, sentence, path, spans)


def _of_topic(stage: Stage, value: Any, chosen: Chosen, ask: topic.Ask | None) -> list[Finding]:
    """Ask a model about the question of a plan, the one place where the words are a person's own."""
    asks = stage.place == "input" and stage.tool.name == "model_complete" and value.get("task") == "plan"
    if chosen.actions["topic"] == "off" or not asks or ask is None:
        return []
    question = str(value["input"].get("question", ""))
    try:
        said = topic.objection(question, chosen.subjects, ask)
    except ProductError as error:
        said = f"Whether the question belongs here could not be judged: {error.sentence}"
    return [Finding("topic", chosen.actions["topic"], said, ("input", "question"))] if said else []
