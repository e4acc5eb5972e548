from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "apps.billing"

    def ready(self) -> None:
        """Give every new workspace its starting credits, and the settings their pages of money."""
        from apps.accounts.actions import workspaces
        from apps.accounts.views import layout
        from apps.billing import views
        from apps.billing.actions import credits

        workspaces.workspace_created.bind(credits.welcome)
        layout.settings_pages.bind(views.credits_link)
        layout.settings_pages.bind(views.ledger_link)
