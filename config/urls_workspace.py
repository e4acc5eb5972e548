"""Pages of urls_workspace."""

urlpatterns: list = []
