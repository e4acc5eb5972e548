"""Pages of research on a workspace host."""

from django.urls import path

from apps.research.views import reports, runs

app_name = "research"
urlpatterns = [
    path("research", runs.runs, name="runs"),
    path("research/estimate", runs.estimate, name="estimate"),
    path("research/<slug:run>", runs.run, name="run"),
    path("research/<slug:run>/plan", runs.plan, name="plan"),
    path("research/<slug:run>/decide", runs.decide, name="decide"),
    path("research/<slug:run>/cancel", runs.cancel, name="cancel"),
    path("research/<slug:run>/resume", runs.resume, name="resume"),
    path("research/<slug:run>/sources", reports.sources, name="sources"),
    path("research/<slug:run>/report", reports.report, name="report"),
    path("research/<slug:run>/report.pdf", reports.report_file, {"kind": "pdf"}, name="report_pdf"),
    path("research/<slug:run>/report.md", reports.report_file, {"kind": "md"}, name="report_md"),
    path("research/<slug:run>/report.html", reports.report_file, {"kind": "html"}, name="report_html"),
    path("research/<slug:run>/report.json", reports.report_file, {"kind": "json"}, name="report_json"),
    path("approvals", runs.inbox, name="approvals"),
]
