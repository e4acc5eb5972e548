"""The documentation is true where a test can tell: links, paths, targets, options, limits."""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from apps.accounts import rules as roles
from apps.lib import ports
from apps.library.extraction.results import SENTENCES
from apps.research import rules
from apps.research.management.commands.research import Command
from apps.runtime import rules as states
from config.supervisor import programs
from tests.docs import pages
from tests.docs.pages import PAGES, ROOT

TOP = ("apps", "config", "docker", "docs", "locale", "requirements", "samples", "static", "templates", "tests")
# Named by a page because it is not there yet, or made by a program.
MADE = {"apps/research/steps/dates.py", "docker/secrets", "docker/.env"}
SECRETS = "Secrets are files in `docker/secrets`, empty until you fill them:"
NUMBERED = sorted((ROOT / "docs" / "adr").glob("0*.md"))


def missing_links(page: Path, text: str) -> list[str]:
    """List the relative links of a page that lead nowhere, and anchors that no heading makes."""
    wrong = []
    for target in pages.links(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        other = text if place == page else place.read_text() if place.is_file() and anchor else ""
        if not place.exists() or not place.is_relative_to(ROOT) or (anchor and anchor not in pages.anchors(other)):
            wrong.append(target)
    return wrong


def missing_paths(text: str) -> list[str]:
    """List the paths in code that look like ours and are not there."""
    wrong = []
    for span in pages.spans(text):
        path = span.rstrip("/")
        if re.fullmatch(r"[\w.\-/]+", path) and path.split("/")[0] in TOP and "/" in path and path not in MADE:
            wrong += [] if (ROOT / path).exists() else [span]
    return wrong


def missing_targets(text: str) -> list[str]:
    """List the make targets that a page names in code and the Makefile does not have."""
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = [match for line in pages.code(text) for match in re.findall(r"^(?:[A-Z]+=\S+ )?make ([a-z-]+)", line)]
    return [target for target in named if target not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_path_and_target_of_a_page_is_there(page: Path) -> None:
    text = page.read_text()
    assert missing_links(page, text) == []
    assert missing_paths(text) == []
    assert missing_targets(text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_not_shout(page: Path) -> None:
    text = pages.SPAN.sub("", pages.LINK.sub("", pages.prose(page.read_text())))
    assert not re.search(r"\w!(?:\s|$)", text)


def test_what_is_not_there_is_noticed() -> None:
    page = ROOT / "README.md"
    assert missing_links(page, "[a](docs/nowhere.md) [b](docs/glossary.md#nothing) ![c](docs/pictures/run.png)") == [
        "docs/nowhere.md", "docs/glossary.md#nothing",
    ]  # fmt: skip
    assert missing_links(page, "[a](docs/glossary.md#states) [b](https://example.org/) [c](#two)\n# Two\n") == []
    assert missing_paths("`apps/lib/nothing.py` `apps/lib` `a/b` `docker/secrets/*`") == ["apps/lib/nothing.py"]
    assert missing_targets("`make tea`\n```\nONESHOT=1 make demo\n```\nmake it so") == ["tea"]


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = [target.partition("#")[0] for target in pages.links(page.read_text())]
        waiting += [(page.parent / target).resolve() for target in targets if target and ":" not in target]
    assert set(PAGES) <= reached


def test_the_pictures_are_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    assert pictures
    assert all(picture.stat().st_size < 200_000 for picture in pictures)


def parser() -> argparse.ArgumentParser:
    """Return the research command's own parser, without what Django adds to every command."""
    bare = argparse.ArgumentParser(add_help=False)
    Command().add_arguments(bare)
    return bare


@pytest.mark.parametrize(("page", "heading"), [("docs/research-command.md", "## Options"), ("README.md", "")])
def test_the_options_of_the_research_command_are_those_of_its_parser(page: str, heading: str) -> None:
    described = {re.match(r"`(--\w+)", cell)[1] for cell in pages.rows(ROOT / page, heading)}
    assert described == {option for action in parser()._actions for option in action.option_strings}


def test_the_defaults_and_codes_of_the_research_command_are_as_described() -> None:
    page = ROOT / "docs" / "research-command.md"
    table = pages.rows(page, "## Options")
    defaults = {action.option_strings[0]: action for action in parser()._actions if action.option_strings}
    assert table["`--workspace NAME`"] == f"`{defaults['--workspace'].default}`"
    assert table["`--out DIR`"] == f"`{defaults['--out'].default}`"
    assert table["`--depth`"] == f"`{defaults['--depth'].default}`"
    assert defaults["--documents"].required
    assert set(pages.rows(page, "## How it ends")) == {"0", "1", "2", "130"}
    codes = {code.strip("`") for code in pages.rows(page, "## What is read")}
    assert codes == set(SENTENCES) | {"unreadable"}


def test_the_depths_are_as_described() -> None:
    text = (ROOT / "docs" / "how-to" / "member.md").read_text()
    for name, depth in rules.DEPTHS.items():
        assert f"| {name} | {depth.sub_questions} | {depth.queries} | {depth.sources} |" in text


def test_the_roles_and_what_they_may_do_are_as_described() -> None:
    table = (ROOT / "docs" / "how-to" / "member.md").read_text()
    for acting in roles.ROLES:
        line = next(line for line in table.splitlines() if re.match(rf"\|[^|]*\b{acting}\b", line))
        said = [cell.strip() == "yes" for cell in line.strip("|").split("|")[1:]]
        assert said == [roles.may(acting, act) for act in ("read", "research", "approve")], acting


def test_every_act_and_who_may_do_it_is_as_described() -> None:
    text = (ROOT / "docs" / "how-to" / "owner.md").read_text()
    table = re.findall(r"^\| `(\w+)` \|.*\| ([\w, ]+) \|$", text, re.M)
    assert {act: set(held.split(", ")) for act, held in table} == roles.MAY
    given = set(roles.GRANTS[roles.ADMIN])
    assert f"An admin gives and takes {', '.join(r for r in roles.ROLES if r in given)}".replace(
        ", viewer", " and viewer") in text  # fmt: skip


def test_the_ports_are_those_that_are_declared() -> None:
    declared = {name: port.many for name, port in ports.declared().items() if not name.startswith("tool.")}
    cells = pages.rows(ROOT / "docs" / "architecture.md", "The ports, from the bottom up. One that is `many` takes "
                       "several bindings; none may be left unbound.")  # fmt: skip
    described = {name: "(many)" in cell for cell in cells for name in pages.SPAN.findall(cell)}
    assert described.pop("tool.<name>") is False
    assert described == declared


def test_the_secrets_of_the_containers_go_where_the_operators_page_says() -> None:
    table = {
        cell.strip("`"): owner
        for cell, owner in pages.rows(ROOT / "docs" / "how-to" / "operator.md", SECRETS).items()
    }  # fmt: skip
    services = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
    for secret, owner in table.items():
        assert [name for name, each in services.items() if secret in each.get("secrets", ())] == [owner], secret
    entry = (ROOT / "docker" / "entrypoint.sh").read_text()
    made = (ROOT / "docker" / "secrets.sh").read_text()
    for secret in table:
        assert re.search(rf"\b{secret.upper()}\b", entry), secret
        assert re.search(rf"\b{secret}\b", made), secret
        assert services[table[secret]]["environment"][f"{secret.upper()}_FILE"] == f"/run/secrets/{secret}"


def test_only_the_gate_is_told_of_the_mail_server_and_only_web_of_sign_in_elsewhere() -> None:
    services = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
    told = {name: set(each.get("environment", ())) for name, each in services.items()}
    kept = {prefix: owners for prefix, owners in programs.PRIVATE.items() if prefix.endswith("_")}
    for prefix, owners in kept.items():
        names = {name for name, known in told.items() if any(key.startswith(prefix) for key in known)}
        assert names <= set(owners), prefix
        assert names or prefix == "STRIPE_", prefix
    assert "FOOTNOTE_MAIL_FROM" in told["web"] & told["scheduler"]


def test_the_states_of_runs_and_tasks_are_as_described() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    run, task = re.search(r"A run is (.+?); .*? A task is (.+?)\. A call", text).groups()
    assert tuple(pages.SPAN.findall(run)) == states.RUN_STATES
    assert tuple(pages.SPAN.findall(task)) == states.TASK_STATES


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    words = list(pages.rows(ROOT / "docs" / "glossary.md", ""))
    assert words == sorted(words)
    lines = [line for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if line.startswith("| ")]
    assert len(words) == len(lines) - 1


def test_the_decisions_are_numbered_and_listed_with_their_parts() -> None:
    assert [path.name[:4] for path in NUMBERED] == [f"{n:04}" for n in range(1, len(NUMBERED) + 1)]
    listed = re.findall(r"\]\((0\d{3}-[\w-]+\.md)\)", (ROOT / "docs" / "adr" / "README.md").read_text())
    assert listed == [path.name for path in NUMBERED]
    for path in NUMBERED:
        text = path.read_text()
        parts = ("Status: ", "## Context", "## Decision", "## Alternatives", "## Consequences")
        assert [part for part in parts if f"\n{part}" not in text] == [], path.name


def test_the_rooms_are_those_of_the_contract() -> None:
    contract = (ROOT / ".importlinter").read_text().split("[importlinter:contract:rooms]")[1]
    named = re.findall(r"\w+", contract.split("layers =")[1].split("#")[0])
    table = pages.rows(ROOT / "docs" / "architecture.md", "## Rooms")
    assert [name for cell in table for name in pages.SPAN.findall(cell)] == named
    text = (ROOT / "docs" / "architecture.md").read_text()
    there = {path.parent.name for path in (ROOT / "apps").glob("*/__init__.py")}
    for name in named:
        line = next(line for line in text.splitlines() if re.match(rf"\|[^|]*`{name}`", line) and line.count("|") == 4)
        assert line.endswith("| yes |") is (name in there), name


def test_the_networks_and_probes_of_the_operators_page_are_there() -> None:
    text = (ROOT / "docs" / "how-to" / "operator.md").read_text()
    compose = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
    assert all(f"`{network}`" in text for network in compose["networks"])
    threads = re.search(r"gunicorn config\.gate:application .*?--threads (\d+)", text)[1]
    assert f"--threads={threads}" in compose["services"]["gate"]["command"]


def test_make_help_explains_every_target_that_the_developers_page_lists() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    explained = set(re.findall(r"^\s+make ([a-z-]+)", shown, re.M))
    listed = {name for cell in pages.rows(ROOT / "docs/how-to/developer.md", "## Ten minutes: it runs")
              for name in re.findall(r"make ([a-z-]+)", cell)}  # fmt: skip
    assert explained | {"help"} == listed | {"help"}
