"""Does what was read carry what is said? Retrieval of spans, entailment without a model, arithmetic, verdicts. Pure."""
