"""presidio's recognisers, where it is installed: by patterns alone, with spacy's blank pipelines and no download."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from apps.policy.guardrails.findings import Span

KINDS = {
    "EMAIL_ADDRESS": "email", "CREDIT_CARD": "card", "IBAN_CODE": "iban", "PHONE_NUMBER": "telephone",
    "US_SSN": "us_social_security", "UK_NHS": "british_health", "CRYPTO": "crypto_wallet", "IP_ADDRESS": "ip_address",
}  # fmt: skip
# Below it presidio says itself that it guesses.
LEAST = 0.5


def is_there() -> bool:
    """Tell whether presidio and spacy are installed."""
    return find_spec("presidio_analyzer") is not None and find_spec("spacy") is not None


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    """Build it once. spacy's blank pipeline cuts words; names of people would need a model, and none is loaded."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    words = spacy.blank("en")

    class Blank(NlpEngine):  # type: ignore[misc, unused-ignore]
        def load(self) -> None:
            """Nothing is loaded."""

        def is_loaded(self) -> bool:
            return True

        def process_text(self, text: str, language: str) -> Any:
            found = words(text)
            return NlpArtifacts(
                entities=[], tokens=found, tokens_indices=[token.idx for token in found],
                lemmas=[token.text.lower() for token in found], nlp_engine=self, language=language,
            )  # fmt: skip

        def process_batch(self, texts: Any, language: str, **more: Any) -> Any:
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word: str, language: str) -> bool:
            return bool(words.vocab[word].is_stop)

        def is_punct(self, word: str, language: str) -> bool:
            return bool(words.vocab[word].is_punct)

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return ["en"]

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])


def found(text: str) -> list[Span]:
    """Return what presidio finds; nothing where it is not installed."""
    if not is_there():
        return []
    results = _analyzer().analyze(text, language="en", entities=list(KINDS), score_threshold=LEAST)
    return [Span(each.start, each.end, KINDS[each.entity_type]) for each in results]
