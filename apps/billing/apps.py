from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "apps.billing"

    def ready(self) -> None:
        """Give every new workspace its starting credits."""
        from apps.accounts.actions import workspaces
        from apps.billing.actions import credits

        workspaces.workspace_created.bind(credits.welcome)
