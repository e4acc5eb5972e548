"""How often the checker is right, in per cent: shown beside each report. `manage.py eval_evidence` measures it anew."""

from __future__ import annotations

from typing import NamedTuple


class Accuracy(NamedTuple):
    """Of true sentences that were changed in one place, how many are doubted; of true ones, how many wrongly."""

    figures: int
    names: int
    denials: int
    units: int
    false_alarms: int


# Sentences of our own beside the passage they cite (310 of samples/sources, seed 7).
BESIDE_PASSAGES = Accuracy(figures=100, names=92, denials=99, units=100, false_alarms=0)
# Claims that others wrote about whole web pages (349 of WiCE's development set); false_alarms: about figures.
BESIDE_PAGES = Accuracy(figures=93, names=79, denials=48, units=100, false_alarms=6)
