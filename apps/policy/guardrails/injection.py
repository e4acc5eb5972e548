"""Signals that a text gives orders to whoever reads it with a model. A signal: safety rests on containment.

Rules know the usual words in five languages, also where they are disguised; a small trained classifier (its card:
docs/data-cards/injection-signal.md) knows what orders to an assistant sound like.
"""

from __future__ import annotations

import re
from functools import lru_cache

from apps.policy.guardrails import classifier, disguises
from apps.policy.guardrails.findings import Span

_BEFORE = r"(?:previous|prior|earlier|above|preceding|foregoing|existing|initial|original|system|other|your|the)"
_RULES = r"(?:instruction|prompt|direction|command|guideline|rule|order|message|context|programming|training|polic)"
_READER = (
    r"(?:ai|a\.i\.|llm|language model|chat ?bot|chat ?gpt|gpt|claude|gemini|copilot|(?:ai |virtual )?assistant|agent)"
)
_REPLY = r"(?:answer|response|reply|replies|output|summary|report|message|completion)"
_AWAY = (
    r"(?:https?://|www\.|[\w.+-]+@[\w-]+\.|\b[\w-]+\.(?:com|net|org|io|xyz|ru|cn)\b"
    r"|this (?:url|address|server|number))"
)
_NOBODY = r"(?:user|person|human|reader|anyone|operator)"
RULES: dict[str, re.Pattern[str]] = {
    name: re.compile("".join(parts), re.IGNORECASE) for name, parts in {
        "override": (
            r"\b(?:ignor|disregard|forget|overlook|bypass|overrid|discard|do not follow|don'?t follow|stop following)",
            rf"\w*\s+(?:\w+\s+){{0,3}}?{_BEFORE}?\s*(?:\w+\s+){{0,2}}?{_RULES}\w*",
        ),
        "override_other": (
            r"\b(?:ignorier\w*|vergiss|missachte\w*)\s+(?:\w+\s+){0,4}?(?:anweisung|vorgabe|regel|befehl)\w*",
            r"|\b(?:ignore[zr]?|oublie[zr]?)\s+(?:\w+\s+){0,4}?(?:instruction|consigne|règle|ordre)\w*",
            r"|\b(?:ignor[ae]|olvid[ae]|olvide)\s+(?:\w+\s+){0,4}?(?:instruccion|orden|regla)\w*",
            r"|\b(?:ignora|dimentica)\w*\s+(?:\w+\s+){0,4}?(?:istruzion|regol|ordin)\w*",
        ),
        "new_role": (
            r"\b(?:you are now|from now on,? you",
            r"|you (?:will|must|shall) (?:now )?(?:act|behave|respond|answer|pretend)",
            rf"|pretend (?:to be|you(?:'re| are))|act as (?:an? )?(?:unrestricted|unfiltered|{_READER})",
            r"|you have been (?:freed|jailbroken)|developer mode|do anything now",
            r"|no longer (?:bound|restricted))\b",
        ),
        "to_the_reader": (
            r"\b(?:note|message|instruction|attention|notice|important)s?\W{1,3}(?:\w+\W+){0,3}?(?:to|for|:)?\s*",
            rf"(?:all |any |the )?{_READER}s?\b(?:.{{0,40}}?(?:read|process|summari|brows|visit|pars|analy))?",
            rf"|\b(?:if|when) you(?:'re| are) an? {_READER}\b|\b(?:dear|hey|hello),? {_READER}\b",
        ),
        "secrecy": (
            r"\b(?:do not|don'?t|never|without)\s+(?:tell|mention|reveal|inform|alert|notify|telling|mentioning",
            rf"|informing|disclos\w*|warn\w*)\s+(?:\w+\s+){{0,4}}?{_NOBODY}\b",
        ),
        "reveal": (
            r"\b(?:reveal|print|show|repeat|output|leak|display|give me|tell me|write out|disclose)\s+",
            rf"(?:\w+\s+){{0,4}}?(?:system (?:prompt|message)|(?:hidden|initial|secret|original) {_RULES}\w*",
            r"|api[ _-]?keys?|password|credential)",
        ),
        "send": (
            r"\b(?:send|forward|post|e-?mail|upload|transmit|exfiltrate|submit|leak|append|attach)\b",
            rf"[^.!?\n]{{0,100}}?\b(?:to|at|via|into|on)\b[^.!?\n]{{0,40}}?{_AWAY}",
        ),
        "fetch": (
            r"\b(?:fetch|open|visit|browse to|go to|navigate to|call|load|retrieve|search for|look up|query)\b",
            r"[^.!?\n]{0,40}?(?:https?://\S+[?&=]\S*",
            r"|\b(?:before you|and (?:then )?(?:append|include|insert|replace)))",
        ),
        "shape_reply": (
            rf"\b(?:in|to|into|from|of|with|through(?:out)?) (?:your|the final) (?:\w+ )?{_REPLY}\b",
            rf"|\b(?:your|its) {_REPLY} (?:must|should|shall|has to|needs to|will) ",
            r"(?:include|contain|mention|begin|start|end)",
        ),
        "template": (
            r"<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[/?INST\]|<<SYS>>",
            r"|^\s*#{2,3}\s*(?:system|instruction)s?\s*:|^\s*(?:system|assistant)\s*:\s",
        ),
    }.items()
}  # fmt: skip
SENTENCES = {
    "order": "A text gives orders to whoever reads it with a model.",
    "sounds": "A text sounds like orders to an assistant.",
    "disguise": "A text hides something from its readers.",
}


@lru_cache(maxsize=2048)
def signals(text: str) -> tuple[Span, ...]:
    """Return where a text seems to give a model orders, in reading order; the kinds name the rules."""
    plain = disguises.plain(text)
    found = disguises.tricks(text) + _by_rules(plain)
    for span, words in disguises.hidden(text):
        if _by_rules(disguises.plain(words)) or classifier.score(words) > 0:
            found.append(span)
    if not found:
        found = [plain.span(start, end, "sounds_like_orders") for start, end in classifier.orders(plain.text)]
    return tuple(sorted(set(found), key=lambda span: (span.start, span.end)))


def _by_rules(plain: disguises.Plain) -> list[Span]:
    return [
        plain.span(match.start(), match.end(), name) for name, rule in RULES.items()
        for match in rule.finditer(plain.text)
    ]  # fmt: skip


def sentence(spans: tuple[Span, ...]) -> str:
    """Say in a sentence what was noticed."""
    kinds = {span.kind for span in spans}
    if kinds & set(RULES):
        return SENTENCES["order"]
    return SENTENCES["sounds" if kinds == {"sounds_like_orders"} else "disguise"]


def whole_sentences(text: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Widen spans to the sentences they stand in: half an order is an order still."""
    wide = []
    for span in spans:
        start = max((text.rfind(mark, 0, span.start) + 1 for mark in ".!?\n"), default=0)
        ends = [place + 1 for mark in ".!?\n" if (place := text.find(mark, span.end)) >= 0]
        wide.append(Span(start, min(ends, default=len(text)), span.kind))
    return tuple(wide)
