"""/stripe/ on the apex: where Stripe tells of events."""

from django.urls import path

from apps.billing.views import webhook

urlpatterns = [path("stripe/webhook/<uuid:uuid>/", webhook.receive, name="stripe_webhook")]
