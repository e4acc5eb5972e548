"""Pages of research on the apex: shared reports."""

from django.urls import path

from apps.research.views import open

app_name = "shared"
urlpatterns = [
    path("r/<str:token>", open.report, name="report"),
    path("r/<str:token>/report.pdf", open.report_pdf, name="report_pdf"),
]
