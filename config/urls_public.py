"""Pages of urls_public."""

urlpatterns: list = []
