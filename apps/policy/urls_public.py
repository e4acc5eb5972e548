"""What the apex says of the control plane."""

from django.urls import path

from apps.policy.views import keys

app_name = "gate"
urlpatterns = [path(".well-known/jwks.json", keys.jwks, name="jwks")]
