"""The proof bundle: made once, checked without us, and it names the sentence whose letter was changed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from apps.accounts import tenancy
from apps.lib import bundles
from apps.policy import queries as policy
from apps.research.actions import proofs
from apps.runtime import actions as runtime
from tests.web.conftest import House
from tests.web.reading import Visit, text

VERIFY = Path(__file__).parents[2] / "bin" / "footnote-verify"


@pytest.fixture(scope="module")
def bundle(house: House) -> tuple[str, bytes]:
    """Return a published run and its bundle."""
    return made(house)


def made(house: House) -> tuple[str, bytes]:
    run = house.start()
    with tenancy.in_workspace(house.cast.acme):
        proofs.make(by=house.people["bob"], run=run)
        runtime.drive()
        return run, proofs.read(run=run)


def changed(body: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Return the bundle with a file changed, and nothing else."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        files = {each: packed.read(each) for each in packed.namelist()}
    assert old in files[name]
    return bundles.pack(files | {name: files[name].replace(old, new, 1)})


def verify(folder: Path, body: bytes, *more: str) -> tuple[int, str]:
    """Run footnote-verify as anybody would: a process of its own, with no settings of Django."""
    (folder / "bundle.zip").write_bytes(body)
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFY), "bundle.zip", *more], cwd=folder, env={}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_bundle_is_made_once_downloaded_and_holds(house: House, visit: Visit, tmp_path: Path) -> None:
    run = house.start()
    bob = visit("bob")
    assert "Make the bundle" in text(bob.get(f"/research/{run}/proof"))
    assert bob.get(f"/research/{run}/report.zip").status_code == 404
    for _twice in range(2):
        assert bob.post(f"/research/{run}/proof").status_code == 302
        with tenancy.in_workspace(house.cast.acme):
            runtime.drive()
    assert "Download the bundle" in text(bob.get(f"/research/{run}/proof"))
    body = bob.get(f"/research/{run}/report.zip").content
    code, said = verify(tmp_path, body)
    assert (code, "Everything holds" in said) == (0, True), said
    with tenancy.in_workspace(house.cast.acme):
        assert [row.tool for row in policy.calls(f"{run}.proof")] == ["report_seal"]
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert {"report.json", "report.pdf", "report.md", "report.html", "ledger.json", "sources/1.txt"} <= set(
            packed.namelist()
        )
    assert visit("charlie").get(f"/research/{run}/report.zip").status_code == 404


def test_the_sentence_whose_letter_was_changed_is_named(bundle: tuple[str, bytes], tmp_path: Path) -> None:
    _run, body = bundle
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        sentences = json.loads(packed.read("report.json"))["sentences"]
    number, sentence = next((n, s) for n, s in enumerate(sentences, start=1) if "12.5" in s["text"])
    tampered = changed(body, "report.json", b"12.5 million", b"12.6 million")
    code, said = verify(tmp_path, tampered)
    assert code == 1 and f"report.json, sentence {number}:" in said and "12.6" in said
    source = sentence["citations"][0]["source"]
    code, said = verify(tmp_path, changed(body, f"sources/{source}.txt", b"12.5", b"13.5"))
    assert code == 1 and f"sources/{source}.txt, sentence {number}:" in said and "this file was changed" in said


def test_no_other_change_goes_unnoticed_either(bundle: tuple[str, bytes], tmp_path: Path) -> None:
    run, body = bundle
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        files = {each: packed.read(each) for each in packed.namelist()}
    for name in sorted(set(files) - {bundles.SEAL, bundles.KEYS}):
        at = len(files[name]) // 2
        other = files[name][:at] + bytes([files[name][at] ^ 1]) + files[name][at + 1 :]
        if name == bundles.MANIFEST and b"\\" in other:
            continue
        try:
            _claims, findings = bundles.check(bundles.pack(files | {name: other}))
        except bundles.Invalid:
            continue
        assert findings, name
    without = {name: each for name, each in files.items() if name != "ledger.json"}
    assert bundles.check(bundles.pack(without))[1] and bundles.check(bundles.pack(files | {"more.txt": b"x"}))[1]
    # A manifest that was counted anew is not the one that was signed.
    forged = files | {"ledger.json": b"{}"}
    forged[bundles.MANIFEST] = bundles.manifest(run, {n: b for n, b in forged.items() if n in json.loads(
        files[bundles.MANIFEST])["files"]})  # fmt: skip
    assert [each.file for each in bundles.check(bundles.pack(forged))[1]] == [bundles.MANIFEST]
    code, said = verify(tmp_path, body, "--key", "somebody-else")
    assert code == 1 and "not by somebody-else" in said


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04rubbish", bundles.pack({"report.json": b"{}"})])
def test_what_is_no_bundle_is_refused_in_words(body: bytes, tmp_path: Path) -> None:
    code, said = verify(tmp_path, body)
    assert code == 2 and said.strip() and "Traceback" not in said


def test_a_withdrawn_report_takes_its_bundle_with_it(house: House, visit: Visit) -> None:
    run, _body = made(house)
    assert visit("bob").post(f"/research/{run}/withdraw", {"reason": "wrong"}).status_code == 302
    assert visit("bob").get(f"/research/{run}/report.zip").status_code == 404
