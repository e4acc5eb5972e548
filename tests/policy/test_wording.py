"""What tools touch and how they are undone is said in the reader's language, and never otherwise than in tools.yaml."""

from __future__ import annotations

import ast
from pathlib import Path

from django.utils import translation
from django.utils.functional import Promise

from apps.policy.registry import catalogue, wording


def test_every_shipped_tool_is_there_in_the_words_of_its_definition() -> None:
    assert set(wording.known()) == set(catalogue.tools())
    with translation.override("en"):
        for tool in catalogue.tools().values():
            assert wording.of(tool) == (tool.touches, tool.undo), tool.name


def test_the_words_stand_where_makemessages_finds_them() -> None:
    for pair in wording._WORDINGS.values():
        assert all(isinstance(each, Promise) for each in pair)
    tree = ast.parse(Path(wording.__file__).read_text())
    marked = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
        and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert {text for tool in catalogue.tools().values() for text in (tool.touches, tool.undo)} <= marked
