"""`manage.py eval_evidence`: how often the checker of sentences is right, on our own set and on sets by path."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.memory.grounding import entailment, evaluation, verdicts
from apps.memory.grounding.evaluation import Example
from apps.memory.grounding.verdicts import GOOD

OWN = Path(settings.BASE_DIR) / "samples" / "evidence" / "claims.yaml"
SEED = 7
Reader = Callable[[Mapping[str, Any]], Example]


class Command(BaseCommand):
    """Print AUROC, precision and recall at the shipped threshold, and what is caught of mutated claims."""

    help = "Measure the checker of sentences: on our own set, and on WiCE or AttributionBench where a path is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the paths of data sets, JSON lines each."""
        parser.add_argument("--wice", type=Path, metavar="FILE", help="claims in the format of WiCE")
        parser.add_argument("--attribution", type=Path, metavar="FILE", help="claims in the format of AttributionBench")
        parser.add_argument("--own", type=Path, metavar="FILE", default=OWN, help="claims in our own format")
        parser.add_argument("--fit", action="store_true", help="also fit the weights anew and print them")
        parser.add_argument("--json", action="store_true", help="print JSON instead of tables")

    def handle(self, *_args: object, **options: Any) -> None:
        """Measure each set. Raises CommandError for a file that is missing or not of its format."""
        sets = {"own": load_own(options["own"])}
        if options["wice"]:
            sets["wice"] = load(options["wice"], evaluation.wice)
        if options["attribution"]:
            for example in load(options["attribution"], evaluation.attribution):
                sets.setdefault(example.set, []).append(example)
        measured = {name: measure(examples, page=name != "own") for name, examples in sets.items()}
        if options["json"]:
            self.stdout.write(json.dumps(measured, indent=2))
        else:
            for name, figures in measured.items():
                self.stdout.write("\n".join(table(name, figures)))
        if options["fit"]:
            self._fit([example for examples in sets.values() for example in examples])

    def _fit(self, examples: list[Example]) -> None:
        rows = [entailment.measure(e.claim, e.sentences, title=e.title)[0] for e in examples]
        bias, weights = evaluation.fit(rows, [e.supported for e in examples])
        self.stdout.write(f"BIAS = {bias:.3f}")
        for name, weight in weights._asdict().items():
            self.stdout.write(f"{name}={weight:.3f}")


def load(path: Path, reader: Reader) -> list[Example]:
    """Read a set of JSON lines. Raises CommandError naming the line."""
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            examples.append(reader(json.loads(line)))
        except (ValueError, KeyError, TypeError) as problem:
            raise CommandError(f"{path}, line {number}: {type(problem).__name__}: {problem}") from problem
    if not examples:
        raise CommandError(f"{path} holds no claims.")
    return examples


def load_own(path: Path) -> list[Example]:
    """Read our own set. Raises CommandError when it is missing or not of its format."""
    try:
        return [example for row in yaml.safe_load(path.read_text(encoding="utf-8")) for example in evaluation.own(row)]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as problem:
        raise CommandError(f"{path}: {type(problem).__name__}: {problem}") from problem


def measure(examples: list[Example], *, page: bool) -> dict[str, Any]:
    """Return the figures of one set: shares 0.0 to 1.0, rounded to three digits."""
    labels = [example.supported for example in examples]
    scores = [verdicts.find(e.claim, e.sentences, title=e.title)[0] for e in examples]
    given = [_verdict(example) for example in examples]
    precision, recall = evaluation.precision_recall([verdict in GOOD for verdict in given], labels)
    spread: dict[str, int] = defaultdict(int)
    for verdict in given:
        spread[verdict] += 1
    caught = evaluation.mutate(examples, seed=SEED, page=page)
    return {
        "claims": len(examples), "supported": sum(labels), "auroc": round(evaluation.auroc(scores, labels), 3),
        "words_cross_validated": round(evaluation.auroc(evaluation.folds(examples, seed=SEED), labels), 3),
        "precision": round(precision, 3), "recall": round(recall, 3), "verdicts": dict(spread),
        "mutations": {
            kind: {
                "tried": each.tried, "caught": _share(each.caught, each.tried), "named": _share(each.named, each.tried),
                "false_flags": _share(each.flagged, each.true),
            }
            for kind, each in caught.items()
        },
    }  # fmt: skip


def _verdict(example: Example) -> str:
    quotes = [example.sentences[place] for place in verdicts.nearest(example.claim, example.sentences)]
    return verdicts.judge(example.claim, quotes, title=example.title).verdict


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0


def table(name: str, figures: Mapping[str, Any]) -> list[str]:
    """Return the lines that a person reads."""
    lines = [
        f"{name}: {figures['claims']} claims, {figures['supported']} supported",
        f"  AUROC {figures['auroc']:.3f}; its words alone, cross-validated: {figures['words_cross_validated']:.3f}",
        f"  saying sourced or calculated: precision {figures['precision']:.3f}, recall {figures['recall']:.3f}",
        f"  {'changed':10} {'tried':>6} {'caught':>8} {'for that':>9} {'false flags':>12}",
    ]
    for kind, each in figures["mutations"].items():
        lines.append(
            f"  {kind:10} {each['tried']:6} {each['caught']:8.1%} {each['named']:9.1%} {each['false_flags']:12.1%}"
        )
    return lines
