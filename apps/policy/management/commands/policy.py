"""Ask the control plane from a shell, or from a customer's CI."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts import queries as accounts
from apps.accounts import rules as roles
from apps.accounts import tenancy
from apps.lib import clock
from apps.policy.decisions import cedar, rulebook, vocabulary
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Version
from apps.policy.gate import simulator
from apps.policy.guardrails import choices
from apps.policy.registry import catalogue

KNOWN = {
    "tool", "arguments", "agent", "role", "mode", "autonomy", "scopes", "tools", "plan", "teams", "at", "approved",
    "capability", "under_way", "budget_left_percent",
}  # fmt: skip


class Command(BaseCommand):
    """Simulate a call, test a file of cases, check a text, replay recorded calls, print the vocabulary."""

    help = "policy simulate | test FILE | check FILE | replay | schema"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand each."""
        acts = parser.add_subparsers(dest="act", required=True)
        simulate = acts.add_parser("simulate", help="what would the gate decide about a call?")
        simulate.add_argument("case", help='as JSON: {"tool": …, "arguments": {…}, "role": "researcher", "agent": …}')
        test = acts.add_parser("test", help="run the cases of a YAML file; exit code 1 when one fails")
        test.add_argument("file", type=Path)
        check = acts.add_parser("check", help="check a text of policies; exit code 1 and the lines when it is wrong")
        check.add_argument("file", type=Path)
        replay = acts.add_parser("replay", help="decide the last calls of a workspace once more")
        replay.add_argument("--last", type=int, default=100)
        for each in (simulate, replay):
            each.add_argument("--policies", type=Path, help="a text of own policies in place of what is in force")
            each.add_argument("--workspace", default="", help="slug; its policies in force count")
        acts.add_parser("schema", help="print the words that policies may use")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        try:
            getattr(self, f"_{options['act']}")(options)
        except cedar.BadPolicies as error:
            for problem in error.problems:
                self.stderr.write(f"line {problem.line}: {problem.sentence}")
            raise CommandError(f"{len(error.problems)} problems.") from error

    def _schema(self, options: dict[str, Any]) -> None:
        self.stdout.write(vocabulary.schema_of(catalogue.tools().values()))

    def _check(self, options: dict[str, Any]) -> None:
        rulebook.checked(_read(options["file"]), catalogue.tools())
        self.stdout.write("right")

    def _simulate(self, options: dict[str, Any]) -> None:
        try:
            case = json.loads(options["case"])
        except ValueError as error:
            raise CommandError(f"The case is not JSON: {error}") from error
        answer = _simulated(case, _version(options), "the case", workspace=options["workspace"])
        told = {
            "verdict": answer.decision.verdict, "by": answer.by, "rule": answer.decision.rule,
            "line": answer.decision.line,
            "sentence": answer.decision.sentence, "would_change_it": list(answer.cures),
        }  # fmt: skip
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _test(self, options: dict[str, Any]) -> None:
        file = options["file"]
        given = _cases(file)
        text = _read(file.parent / given["policies"]) if "policies" in given else given.get("text", "")
        version, failed = Version(0, rulebook.checked(text, catalogue.tools())), 0
        for number, case in enumerate(given["cases"], 1):
            name = str(case.get("name") or f"case {number}")
            wanted = {key: case[key] for key in ("verdict", "rule") if key in case}
            if not wanted:
                raise CommandError(f"{name}: say which verdict or rule you expect.")
            asked = {key: value for key, value in case.items() if key not in {"name", "verdict", "rule"}}
            decision = _simulated(asked, version, name).decision
            wrong = [f"{key} is {getattr(decision, key)}, not {value}" for key, value in wanted.items()
                     if getattr(decision, key) != value]  # fmt: skip
            failed += bool(wrong)
            self.stdout.write(f"{'FAIL' if wrong else 'ok  '} {name}{': ' + '; '.join(wrong) if wrong else ''}")
        if failed:
            raise CommandError(f"{failed} of {len(given['cases'])} cases failed.")

    def _replay(self, options: dict[str, Any]) -> None:
        found = accounts.workspace_of_slug(options["workspace"])
        if found is None:
            raise CommandError("Name a workspace: --workspace SLUG.")
        text = _read(options["policies"]) if options["policies"] else None
        with tenancy.in_workspace(found.schema, gate=True):
            result = simulator.replay(text=text, last=options["last"])
        for flip in result.flips:
            cause = f"{flip.decision.rule}, line {flip.decision.line}"
            self.stdout.write(f"{flip.call} {flip.tool}: {flip.was} -> {flip.would} ({cause})")
        self.stdout.write(f"{result.asked} calls, {len(result.flips)} flips, {result.erased} forgotten")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def _cases(path: Path) -> dict[str, Any]:
    try:
        given = yaml.safe_load(_read(path))
    except yaml.YAMLError as error:
        raise CommandError(f"{path} is not YAML: {error}") from error
    cases = given.get("cases") if isinstance(given, dict) else None
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise CommandError(f"{path}: `cases` must be a list of cases.")
    return dict(given)


def _version(options: dict[str, Any]) -> Version:
    if options["policies"]:
        return Version(0, rulebook.checked(_read(options["policies"]), catalogue.tools()))
    if options["workspace"]:
        found = accounts.workspace_of_slug(options["workspace"])
        if found is None:
            raise CommandError("There is no such workspace.")
        with tenancy.in_workspace(found.schema, gate=True):
            return rulebook.current().live
    return Version(0, rulebook.together(""))


def _simulated(
    case: dict[str, Any], version: Version, name: str, *, workspace: str = ""
) -> simulator.Simulated:  # fmt: skip
    """Ask the simulator; of a workspace also what is enabled, paused and let to the agent there."""
    if unknown := set(case) - KNOWN:
        raise CommandError(f"{name}: unknown word “{sorted(unknown)[0]}”. Known: {', '.join(sorted(KNOWN))}.")
    if not isinstance(case.get("tool"), str) or not isinstance(case.get("arguments", {}), dict):
        raise CommandError(f"{name}: `tool` is a name and `arguments` an object.")
    known, found = _facts(case, name), accounts.workspace_of_slug(workspace) if workspace else None
    asked: dict[str, Any] = {"tool": case["tool"], "arguments": case.get("arguments", {}), "version": version}
    if found is None:  # a case belongs to no workspace
        return simulator.simulate(**asked, known=known, chosen=choices.defaults())
    with tenancy.in_workspace(found.schema, gate=True):
        stands = simulator.standing_of(tool=case["tool"], agent=known.agent)
        # What the case leaves open is as it is in the workspace.
        changes: dict[str, Any] = {"autonomy": stands.rule.autonomy} if "autonomy" not in case else {}
        changes |= {"tools": stands.rule.tools} if "tools" not in case else {}
        return simulator.simulate(**asked, known=known.but(**changes), chosen=choices.current(), stands=stands)


def _facts(case: dict[str, Any], name: str) -> Facts:
    role = case.get("role", "researcher")
    if role not in roles.ROLES:
        raise CommandError(f"{name}: there is no role “{role}”.")
    try:
        at = datetime.fromisoformat(str(case["at"])).replace(tzinfo=UTC) if "at" in case else clock.now()
    except ValueError as error:
        raise CommandError(f"{name}: `at` is a time such as 2026-11-23T10:00.") from error
    case = {"plan": settings.WORKSPACE_PLAN, **case}
    simple = {key: case[key] for key in ("mode", "plan", "autonomy", "approved", "capability", "under_way",
                                         "budget_left_percent") if key in case}  # fmt: skip
    return Facts(
        workspace="case", person=1, role=role, agent=case.get("agent", "analyst"), agent_version="", at=at,
        mode=simple.pop("mode", "mock"), scopes=frozenset(case.get("scopes", roles.scopes_of(role))),
        tools=frozenset(case.get("tools", catalogue.tools())), teams=frozenset(case.get("teams", ())), **simple,
    )  # fmt: skip
