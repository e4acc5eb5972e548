"""Pages of money on a workspace's host."""

from django.urls import path

from apps.billing.views import ledger, overview, plan, usage

app_name = "billing"
urlpatterns = [
    path("billing", overview.overview, name="overview"),
    path("billing/plan", plan.plan, name="plan"),
    path("billing/checkout", plan.checkout, name="checkout"),
    path("billing/change", plan.change, name="change"),
    path("billing/portal", plan.portal, name="portal"),
    path("billing/ledger", ledger.ledger, name="ledger"),
    path("billing/alerts", overview.tell, name="alerts"),
    path("billing/usage", usage.show, name="usage"),
    path("billing/usage.csv", usage.export, name="usage_csv"),
    path("api/billing/summary", overview.summary, name="summary"),
]
