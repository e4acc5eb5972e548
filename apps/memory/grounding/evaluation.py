"""How often the checker is right: ranking, thresholds, and what it catches of sentences made false on purpose."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from apps.lib import text
from apps.memory.grounding import entailment, mutations
from apps.memory.grounding.entailment import Features
from apps.memory.grounding.verdicts import GOOD, Verdict, judge, nearest

VERDICTS = ("sourced", "calculated", "inferred", "unsupported", "contradicted")
# Which doubts speak of the place that a mutation changed.
NAMED = {
    "number": {"number", "date", "unit"}, "unit": {"number", "date", "unit"}, "name": {"name"},
    "negation": {"negation", "opposite"},
}  # fmt: skip


class Example(NamedTuple):
    """A claim beside what should carry it. set: where it comes from; of our own claims, the right verdict."""

    claim: str
    sentences: tuple[str, ...]
    title: str
    supported: bool
    set: str


class Caught(NamedTuple):
    """tried: mutated claims; caught: those that were doubted; named: those doubted for the very thing that was changed;
    flagged: true claims that have such a place and were doubted for it, of `true`.
    """

    tried: int
    caught: int
    named: int
    true: int
    flagged: int


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the chance that a supported claim scores above an unsupported one; ties count half. NaN without both.

    >>> auroc([0.1, 0.9, 0.9], [False, True, False])
    0.75
    """
    ranked = sorted(zip(scores, labels, strict=True))
    good = sum(labels)
    bad = len(ranked) - good
    if not good or not bad:
        return math.nan
    total, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        total += (at + end + 1) / 2 * sum(label for _score, label in ranked[at:end])
        at = end
    return (total - good * (good + 1) / 2) / (good * bad)


def precision_recall(verdicts: Iterable[bool], labels: Iterable[bool]) -> tuple[float, float]:
    """Return (precision, recall) of saying "supported"; NaN where nothing was said or nothing was there to find."""
    pairs = list(zip(verdicts, labels, strict=True))
    hits = sum(said and right for said, right in pairs)
    said = sum(said for said, _right in pairs)
    there = sum(right for _said, right in pairs)
    return (hits / said if said else math.nan), (hits / there if there else math.nan)


def mutate(examples: Sequence[Example], *, seed: int, page: bool) -> dict[str, Caught]:
    """Make each supported claim false in one place, each way, and count what is caught.

    page: judge by the whole source; otherwise by the sentences that the claim would cite.
    """
    true = [example for example in examples if example.supported]
    names = sorted({found for example in true for found in mutations.named(example.claim)})
    results = {}
    for kind, change in mutations.KINDS.items():
        draw = random.Random(seed)
        tried = caught = hit = flagged = 0
        for example in true:
            false = change(example.claim, names, draw)
            if not false or false == example.claim:
                continue
            doubt = _judged(false, example, page=page)
            plain = _judged(example.claim, example, page=page)
            tried += 1
            caught += doubt.verdict not in GOOD
            hit += doubt.reason in NAMED[kind]
            flagged += plain.reason in NAMED[kind]
        results[kind] = Caught(tried, caught, hit, tried, flagged)
    return results


def _judged(claim: str, example: Example, *, page: bool) -> Verdict:
    read = example.sentences if page else [example.sentences[place] for place in nearest(claim, example.sentences)]
    return judge(claim, read, title=example.title)


def fit(
    rows: Sequence[Features], labels: Sequence[bool], *, rounds: int = 600, pull: float = 0.1
) -> tuple[float, Features]:
    """Return (bias, weights) of a logistic regression on features as they are. pull: towards zero."""
    size, many = len(Features._fields), len(rows)
    means = [sum(row[n] for row in rows) / many for n in range(size)]
    spreads = [math.sqrt(sum((row[n] - means[n]) ** 2 for row in rows) / many) or 1.0 for n in range(size)]
    scaled = [[(row[n] - means[n]) / spreads[n] for n in range(size)] for row in rows]
    weights, bias = [0.0] * size, 0.0
    for _round in range(rounds):
        steps, step = [pull * weight for weight in weights], 0.0
        for row, label in zip(scaled, labels, strict=True):
            score = bias + sum(w * value for w, value in zip(weights, row, strict=True))
            error = (1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - label) / many
            step += error
            for n in range(size):
                steps[n] += error * row[n]
        weights = [weight - 0.5 * change for weight, change in zip(weights, steps, strict=True)]
        bias -= 0.5 * step
    plain = [weight / spread for weight, spread in zip(weights, spreads, strict=True)]
    return bias - sum(w * mean for w, mean in zip(plain, means, strict=True)), Features(*plain)


def folds(examples: Sequence[Example], *, seed: int, parts: int = 5) -> list[float]:
    """Return a score for each example by weights that were fitted on the others (cross-validation)."""
    rows = [entailment.measure(e.claim, e.sentences, title=e.title)[0] for e in examples]
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    scores = [0.0] * len(rows)
    for part in range(parts):
        held = set(order[part::parts])
        rest = [n for n in order if n not in held]
        bias, weights = fit([rows[n] for n in rest], [examples[n].supported for n in rest])
        for n in held:
            scores[n] = bias + sum(w * value for w, value in zip(weights, rows[n], strict=True))
    return scores


def wice(row: Mapping) -> Example:
    """Read a row of WiCE: claim, evidence (sentences), label. Only `supported` counts as supported."""
    evidence = [str(sentence) for sentence in row["evidence"]]
    title = " ".join(sentence.partition(":")[2] for sentence in evidence[:3] if sentence.startswith("(meta"))
    return Example(str(row["claim"]), tuple(evidence), title, row["label"] == "supported", "wice")


def attribution(row: Mapping) -> Example:
    """Read a row of AttributionBench: claim, references, attribution_label, src_dataset."""
    references = [str(reference) for reference in row.get("references") or [row.get("documents_concatenation", "")]]
    sentences = tuple(ref[s.start : s.end] for ref in references for s in text.sentences(ref))
    label = str(row["attribution_label"]).lower() in {"attributable", "1", "true"}
    return Example(str(row.get("claim") or row["response"]), sentences, "", label, str(row.get("src_dataset", "all")))


def own(row: Mapping) -> list[Example]:
    """Read a passage of our own set: title, passage, and the claims of each verdict."""
    passage = str(row["passage"])
    sentences = tuple(passage[s.start : s.end] for s in text.sentences(passage))
    return [
        Example(str(claim), sentences, str(row["title"]), verdict in GOOD, verdict)
        for verdict in VERDICTS
        for claim in row.get(verdict, ())
    ]
