"""Find secrets by the shapes that their makers gave them."""

from __future__ import annotations

import re

from apps.policy.guardrails.findings import Span

SHAPES: dict[str, re.Pattern[str]] = {
    "private_key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
    "aws_key": re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "github_token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{50,}\b"),
    "model_key": re.compile(r"\bsk-(?:proj-|ant-[a-z0-9-]*|svcacct-)?[A-Za-z0-9_-]{20,}\b"),
    "stripe_key": re.compile(r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}\b"),
    "slack_token": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}\b"),
    "google_key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "signed_token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "bearer": re.compile(r"\b[Aa]uthorization:\s*(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{16,}"),
    "password_in_address": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]{3,}@[\w.-]+"),
}


def found(text: str) -> tuple[Span, ...]:
    """Return where secrets stand in a text."""
    spans = [Span(m.start(), m.end(), kind) for kind, shape in SHAPES.items() for m in shape.finditer(text)]
    return tuple(sorted(spans, key=lambda span: span.start))
