"""Approve a single call with other arguments than it asked for."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from apps.lib import jsonschema
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.lib.text import clean_json
from apps.policy import queries as policy
from apps.policy.registry import switches
from apps.research.actions import runs
from apps.research.queries import calls


class BadArguments(Invalid):
    """What was typed can't be the arguments of this call; the sentence says where it is wrong."""

    code = "bad_arguments"


def approve_edited(*, by: int, approval: str, text: str, reason: str = "") -> None:
    """Approve a call with the arguments that stand in a JSON text; the gate decides about those once more.

    Raises: NotFound, BadArguments (with line and place, or the path), Forbidden, Conflict (decided already, or the
    tool is another one since it was asked).
    """
    row = policy.approval(approval)
    if row is None or not calls.is_call(row):
        raise NotFound(_("No call waits for a decision here."))
    tool = switches.resolve(str(row.subject["tool"]))
    if tool is None or tool.hash != row.subject.get("definition"):
        raise Conflict(_("The tool has changed since it was asked for. A yes would not count any more; reject it."))
    arguments = read(text)
    try:
        jsonschema.check(arguments, tool.input)
    except jsonschema.SchemaMismatch as error:
        said = _("%(tool)s does not take these arguments: %(why)s")
        raise BadArguments(said % {"tool": tool.name, "why": error.sentence}) from error
    same = arguments == row.subject.get("arguments")
    runs.decide(
        by=by, run=row.run, verdict="accept" if same else "edit", reason=reason, approval=approval,
        edited=None if same else {"arguments": arguments},
    )  # fmt: skip


def read(text: str) -> dict[str, Any]:
    """Read arguments as a person typed them. Raises BadArguments with line and place."""
    if len(text) > calls.MOST_EDITED:
        raise BadArguments(_("Arguments may have %(most)d characters here.") % {"most": calls.MOST_EDITED})
    try:
        found = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        said = _("This is not JSON: look at line %(line)d, place %(place)d.")
        raise BadArguments(said % {"line": error.lineno, "place": error.colno}) from error
    except (ValueError, RecursionError) as error:
        raise BadArguments(_("This is not JSON: a number is too long, or it is nested too deeply.")) from error
    if not isinstance(found, dict):
        raise BadArguments(_("Arguments are an object: begin with { and end with }."))
    kept: dict[str, Any] = clean_json(found)
    return kept


def _refuse(constant: str) -> NoReturn:
    raise BadArguments(_("JSON knows no %(constant)s.") % {"constant": constant})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: whoever approves would read one value, and another would be called."""
    names = [name for name, _value in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadArguments(_("“%(name)s” stands twice in one object.") % {"name": twice[:60]})
    return dict(pairs)
