"""presidio's recognisers, where it is installed: by patterns alone, with spacy's blank pipeline and no download."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from apps.policy.guardrails.findings import Span

KINDS = {
    "EMAIL_ADDRESS": "email", "CREDIT_CARD": "card", "IBAN_CODE": "iban", "PHONE_NUMBER": "telephone",
    "US_SSN": "us_social_security", "UK_NHS": "british_health", "CRYPTO": "crypto_wallet", "IP_ADDRESS": "ip_address",
}  # fmt: skip
# Below it presidio says itself that it guesses.
LEAST = 0.5


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    """Build it once; None where it is not installed. Names of people would need a model, and none is loaded."""
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        return None
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


def is_there() -> bool:
    """Tell whether presidio and spacy are installed."""
    return _analyzer() is not None


def found(text: str) -> list[Span]:
    """Return what presidio finds; nothing where it is not installed."""
    analyzer = _analyzer()
    if analyzer is None:
        return []
    results = analyzer.analyze(text, language="en", entities=list(KINDS), score_threshold=LEAST)
    return [Span(each.start, each.end, KINDS[each.entity_type]) for each in results]
