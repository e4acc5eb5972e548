"""The parts of the command `research`: the folder it reads, the files it writes, what it says on a terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.lib.errors import Invalid
from apps.policy import queries as policy
from apps.research.actions import folders, reports, runs
from apps.research.formats import pdf
from apps.research.management.follow import Follower, NobodyAnswers
from apps.runtime import actions as runtime
from apps.runtime import queries as runtime_queries
from tests.conftest import Cast

LAMP = "The lamp on Reef Point was lit on 3 May 1891. It burns 40 litres of oil a night."


def research(cast: Cast, folder: Path, question: str, *points: str) -> str:
    read = folders.read(by=cast.alice, folder=folder, tell=lambda _line: None)
    run = runs.start(
        by=cast.alice, request=runs.Request(question=question, documents=read.versions, approval_points=points)
    )
    runtime.drive()
    return run


def test_a_folder_of_good_and_bad_files_is_read_as_far_as_it_goes(committed: Cast, tmp_path: Path) -> None:
    for place in ("north", "south"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "note.md").write_text(f"# {place}\n\n{LAMP}")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "picture.pdf").write_bytes(b"\x89PNG\r\n\x1a\n0000")
    (tmp_path / "two\nlines.txt").touch()
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere")
    said: list[str] = []
    with tenancy.in_workspace(committed.acme):
        read = folders.read(by=committed.alice, folder=tmp_path, tell=said.append)

    assert len(read.versions) == 2
    assert {row.name: row.code for row in read.rejected} == {
        "empty.txt": "empty", "gone.md": "unreadable", "picture.pdf": "mislabelled", "pipe.txt": "unsupported",
        "two lines.txt": "empty",
    }  # fmt: skip
    assert not any("\n" in line for line in said)


def test_a_folder_without_a_readable_file_is_refused_in_one_sentence(committed: Cast, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with tenancy.in_workspace(committed.acme), pytest.raises(Invalid, match="No file in .* could be read: 1 "):
        folders.read(by=committed.alice, folder=tmp_path, tell=lambda _line: None)


def test_a_report_whose_pdf_cannot_be_drawn_has_its_other_files(
    committed: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lamp.txt").write_text(LAMP)
    (tmp_path / "report.pdf").write_bytes(b"of an earlier run")

    def refuse(_report: object) -> bytes:
        raise pdf.NotDrawn("The PDF could not be drawn: no memory.")

    monkeypatch.setitem(reports.RENDER, "pdf", refuse)
    with tenancy.in_workspace(committed.acme):
        run = research(committed, tmp_path / "in", "When was the lamp on Reef Point lit?")
        files = reports.write_files(run=run, folder=tmp_path)

    assert sorted(files) == ["report.html", "report.json", "report.md"]
    assert not (tmp_path / "report.pdf").exists()
    assert "3 May 1891" in (tmp_path / "report.md").read_text()


def test_a_question_to_nobody_cancels_the_run_and_releases_its_credits(committed: Cast, tmp_path: Path) -> None:
    (tmp_path / "lamp.txt").write_text(LAMP)
    with tenancy.in_workspace(committed.acme):
        run = research(committed, tmp_path, "When was the lamp on Reef Point lit?", "plan")
        assert policy.pending_approval(run) is not None
        follower = Follower(run=run, by=committed.alice, say=lambda _line: None, ask=lambda _question: None)
        with pytest.raises(NobodyAnswers, match="--yes"):
            follower.follow()
        runtime.drive()

        assert runtime_queries.run(run).state == "cancelled"
        assert billing.balance(committed.acme).held == 0
