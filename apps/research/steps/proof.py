"""A published report → its proof bundle: every file, what was read, the ledger, hashes, the gate's seal."""

from __future__ import annotations

from apps.accounts import tenancy
from apps.lib import blobs, bundles
from apps.library import queries as library
from apps.policy import queries as policy
from apps.research.formats import html, markdown, pdf, record
from apps.research.models import Report
from apps.research.queries import documents
from apps.research.queries.documents import ReportDocument
from apps.research.steps.contracts import Proved
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done

READ_ME = """This is the proof bundle of a Footnote report.

report.json   every sentence, its verdict, and the spans of the sources that it cites
sources/      what was read, as text, by the number that report.json gives it
ledger.json   every call that was made for it: what, when, decided by which rule, at what cost
manifest.json the sha256 of each file and of each sentence; seal.jws signs its sha256, jwks.json holds the key

Check it with footnote-verify, without a network: it names the sentence whose letter was changed.
"""


def run(context: StepContext) -> Done:
    """Collect the files of a report, have their fingerprint sealed by the gate, and keep the zip."""
    report = documents.load(context.run_input["run"])
    files = _files(report)
    files[bundles.MANIFEST] = bundles.manifest(report.run, files)
    told = context.call(
        "seal", "report_seal", {"digest": bundles.digest(files[bundles.MANIFEST]), "report": report.run}
    )
    files |= {bundles.SEAL: told["seal"].encode(), bundles.KEYS: told["keys"].encode()}
    packed = bundles.pack(files)
    body = blobs.put(tenancy.current(), packed)

    def save() -> None:
        Report.objects.filter(run=report.run).update(proof=body, proof_size=len(packed))

    return Done(Proved(body=body, size=len(packed), files=len(files)), save=save)


def _files(report: ReportDocument) -> dict[str, bytes]:
    files = {
        bundles.REPORT: record.render(report), "report.md": markdown.render(report),
        "report.html": html.render(report), "ledger.json": _ledger(report.run), "README.txt": READ_ME.encode(),
    }  # fmt: skip
    try:
        files["report.pdf"] = pdf.render(report)
    except pdf.NotDrawn:
        files["README.txt"] += b"\nreport.pdf is missing: it could not be drawn.\n"
    for row in library.sources(report.run):
        if row.snapshot:
            files[f"sources/{row.number}.txt"] = library.snapshot_text(row.snapshot).encode()
    return files


def _ledger(run: str) -> bytes:
    calls = [
        {
            "id": row.id, "name": row.name, "tool": row.tool, "provider": row.provider, "model": row.model,
            "state": row.state, "outcome": row.outcome, "decision": row.decision, "decided_by": row.decided_by,
            "credits": row.credits, "micro_dollars": row.micro_dollars, "input_tokens": row.input_tokens,
            "output_tokens": row.output_tokens, "started_at": row.started_at.isoformat(),
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        }
        for row in policy.calls(run)
    ]  # fmt: skip
    return bundles.canonical({"run": run, "calls": calls})
