"""Pages of money on a workspace's host."""

from django.urls import path

from apps.billing import views

app_name = "billing"
urlpatterns = [
    path("billing", views.overview, name="overview"),
    path("billing/ledger", views.ledger, name="ledger"),
    path("api/billing/summary", views.summary, name="summary"),
]
