"""Cedar through our wrapper: errors have lines, an error is a deny, and nothing is decided by what was not read."""

from __future__ import annotations

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policy.decisions import cedar

WORDS = """entity U { a: Long, b?: Long };
action "go", "stay" appliesTo { principal: [U], resource: [U], context: { who: String } };"""
ALICE = {"uid": {"type": "U", "id": "alice"}, "attrs": {"a": 1}, "parents": []}
REQUEST = {
    "principal": {"type": "U", "id": "alice"}, "action": {"type": "Action", "id": "go"},
    "resource": {"type": "U", "id": "alice"}, "context": {"who": "x"},
}  # fmt: skip
ALL = "permit(principal, action, resource);"


def problems(text: str) -> list[int]:
    with pytest.raises(cedar.BadPolicies) as caught:
        cedar.check(cedar.statements(text), vocabulary=WORDS)
    assert all(each.sentence.endswith((".", "?", "!")) for each in caught.value.problems)
    return [each.line for each in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("permit(principal, action, resource)\n when { context.who < };", [2]),
        (f"{ALL}\n\nforbid(principal, action,\n  resource)\nwhen {{\n  principal.nope == 1\n}};", [6]),
        (f'{ALL}\n@id("x")\nforbid(principal, action == Action::"fly", resource);', [3, 2]),
        (f"// a comment; with a semicolon\n{ALL}\npermit(principal", [3]),
        ('@id("x") permit(principal, action, resource);\n@id("x") permit(principal, action, resource);', [2]),
        ('permit(principal is V, action, resource);', [1, 1]),
        ('permit(principal, action, resource) when { principal.b == 1 };', [1]),
        ("nonsense", [1]),
        ('permit(principal, action, resource) when { context.who == "unclosed };', [1]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text: str, lines: list[int]) -> None:
    assert problems(text) == lines


def test_a_semicolon_in_a_string_or_a_comment_ends_nothing() -> None:
    text = f'// one; two\n@says("a; b") {ALL}\nforbid(principal, action, resource) when {{ context.who == "x;y" }};'
    found = cedar.statements(text)
    assert [(each.line, each.forbids) for each in found] == [(2, False), (3, True)]
    assert found[0].notes["says"] == "a; b"


PARTS = [ALL, 'forbid(principal, action, resource) when { context.who == ";" };', "// c; d", "", '@says("a; b")']


@given(st.lists(st.sampled_from(PARTS), max_size=8, unique=True))
def test_cutting_loses_no_statement(parts: list[str]) -> None:
    found = cedar.statements("\n".join([*parts, ALL]))
    assert len(found) == sum(part.endswith(";") for part in parts) + 1
    assert len(cedar.parse(found).statements) == len(found)


def test_a_forbid_that_errs_denies_though_cedar_would_skip_it() -> None:
    text = f"{ALL}\nforbid(principal, action, resource) when {{ principal.b == 2 }};"
    theirs = cedarpy.is_authorized(dict(REQUEST), text, [ALICE])
    assert theirs.decision == cedarpy.Decision.Allow and theirs.diagnostics.errors
    ours = cedar.authorize(text, REQUEST, [ALICE])
    assert not ours.allowed and ours.errors


@pytest.mark.parametrize(
    "change",
    [
        {"context": {}}, {"context": {"who": 7}}, {"principal": {"type": "Nobody", "id": "x"}},
        {"action": {"type": "Action", "id": "fly"}}, {"context": {"who": "x", "more": 1}},
    ],
)  # fmt: skip
def test_a_request_that_does_not_fit_the_schema_is_denied(change: dict) -> None:
    policies = cedar.check(cedar.statements(ALL), vocabulary=WORDS)
    assert policies.evaluate(REQUEST, [ALICE], schema=cedar.schema(WORDS)).allowed
    answer = policies.evaluate({**REQUEST, **change}, [ALICE], schema=cedar.schema(WORDS))
    assert not answer.allowed and answer.errors


def test_an_entity_without_an_attribute_it_must_have_is_denied() -> None:
    policies = cedar.check(cedar.statements(ALL), vocabulary=WORDS)
    answer = policies.evaluate(REQUEST, [{**ALICE, "attrs": {}}], schema=cedar.schema(WORDS))
    assert not answer.allowed and answer.errors


def test_nothing_matched_is_a_deny() -> None:
    assert not cedar.authorize('permit(principal, action == Action::"stay", resource);', REQUEST, [ALICE]).allowed
    assert not cedar.authorize("", REQUEST, [ALICE]).allowed
