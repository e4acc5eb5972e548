from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "apps.billing"

    def ready(self) -> None:
        """Give every new workspace its starting credits, and the settings their pages of money."""
        from apps.accounts.actions import erasing, invitations, workspaces
        from apps.accounts.views import layout
        from apps.billing import entitlements, stripe_events  # noqa: F401  (listens to Stripe's events)
        from apps.billing.actions import credits, ending, subscriptions
        from apps.billing.views import ledger, overview, plan, usage

        workspaces.workspace_created.bind(credits.welcome)
        workspaces.workspace_created.bind(subscriptions.begin)
        workspaces.workspace_closed.bind(ending.renew_no_more)
        erasing.workspace_erased.bind(ending.end)
        workspaces.plan_keeps.bind(entitlements.days_kept)
        invitations.seats.bind(entitlements.demand_seat)
        layout.settings_pages.bind(overview.credits_link)
        layout.settings_pages.bind(plan.plan_link)
        layout.settings_pages.bind(usage.link)
        layout.settings_pages.bind(ledger.ledger_link)
