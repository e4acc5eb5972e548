"""Pages of research on a workspace host."""

from django.urls import path

from apps.research.views import approvals, ask, follow_ups, keeping, reports, runs, styleguide

app_name = "research"
urlpatterns = [
    path("styleguide", styleguide.styleguide, name="styleguide"),
    path("research", ask.runs, name="runs"),
    path("research/new", ask.new, name="new"),
    path("research/estimate", ask.estimate, name="estimate"),
    path("research/find", ask.find, name="find"),
    path("research/sample", ask.sample, name="sample"),
    path("research/deleted", keeping.deleted, name="deleted"),
    path("research/<slug:run>", runs.run, name="run"),
    path("research/<slug:run>/plan", runs.plan, name="plan"),
    path("research/<slug:run>/draft", runs.draft, name="draft"),
    path("research/<slug:run>/decide", runs.decide, name="decide"),
    path("research/<slug:run>/cancel", runs.cancel, name="cancel"),
    path("research/<slug:run>/resume", runs.resume, name="resume"),
    path("research/<slug:run>/duplicate", runs.duplicate, name="duplicate"),
    path("research/<slug:run>/tasks/<str:task>/supply", runs.supply, name="supply"),
    path("research/<slug:run>/sight", keeping.sight, name="sight"),
    path("research/<slug:run>/share", keeping.share, name="share"),
    path("research/<slug:run>/share/<slug:link>/revoke", keeping.unshare, name="unshare"),
    path("research/<slug:run>/withdraw", keeping.withdraw, name="withdraw"),
    path("research/<slug:run>/delete", keeping.delete, name="delete"),
    path("research/<slug:run>/bring-back", keeping.bring_back, name="bring_back"),
    path("research/<slug:run>/ask", follow_ups.ask, name="ask"),
    path("research/<slug:run>/ask/<int:number>/again", follow_ups.again, name="ask_again"),
    path("research/<slug:run>/rate", keeping.rate, name="rate"),
    path("research/<slug:run>/sources", reports.sources, name="sources"),
    path("research/<slug:run>/sources/<int:number>", reports.snapshot, name="snapshot"),
    path("research/<slug:run>/inspect", reports.inspect, name="inspect"),
    path("research/<slug:run>/report", reports.report, name="report"),
    path("research/<slug:run>/report.pdf", reports.report_file, {"kind": "pdf"}, name="report_pdf"),
    path("research/<slug:run>/report.md", reports.report_file, {"kind": "md"}, name="report_md"),
    path("research/<slug:run>/report.html", reports.report_file, {"kind": "html"}, name="report_html"),
    path("research/<slug:run>/report.json", reports.report_file, {"kind": "json"}, name="report_json"),
    path("research/<slug:run>/proof", reports.proof, name="proof"),
    path("research/<slug:run>/report.zip", reports.bundle, name="bundle"),
    path("approvals", approvals.inbox, name="approvals"),
    path("approvals/<slug:approval>", approvals.approval, name="approval"),
    path("approvals/<slug:approval>/decide", approvals.decide_approval, name="decide_approval"),
    path("approvals/<slug:approval>/edit", approvals.edit_approval, name="edit_approval"),
    path("approvals/<slug:approval>/delegate", approvals.delegate_approval, name="delegate_approval"),
    path("approvals/<slug:approval>/hand-over", approvals.hand_over_approval, name="hand_over_approval"),
]
