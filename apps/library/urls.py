"""Pages of the library."""

from django.urls import path

from apps.library.views import datasets, documents, older, uploads

app_name = "library"
urlpatterns = [
    path("documents", older.documents, name="documents"),
    path("datasets", datasets.datasets, name="datasets"),
    path("datasets/files", uploads.upload, name="upload"),
    path("datasets/files/outcome", uploads.upload_outcome, name="upload_outcome"),
    path("datasets/<slug:dataset>", datasets.dataset, name="dataset"),
    path("datasets/<slug:dataset>/list", datasets.document_list, name="document_list"),
    path("datasets/<slug:dataset>/rename", datasets.rename_dataset, name="rename_dataset"),
    path("datasets/<slug:dataset>/delete", datasets.delete_dataset, name="delete_dataset"),
    path("datasets/<slug:dataset>/restore", datasets.restore_dataset, name="restore_dataset"),
    path("datasets/<slug:dataset>/<slug:document>", documents.document, name="document"),
    path("datasets/<slug:dataset>/<slug:document>/original", documents.original, name="original"),
    path("datasets/<slug:dataset>/<slug:document>/delete", documents.delete_document, name="delete_document"),
    path("datasets/<slug:dataset>/<slug:document>/restore", documents.restore_document, name="restore_document"),
]
