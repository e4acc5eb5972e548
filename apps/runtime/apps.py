from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "apps.runtime"

    def ready(self) -> None:
        """Have done, now and then: dead and ended runs give back what they left behind, grants that are over expire."""
        from apps.accounts.actions import archives, erasing, farewell
        from apps.billing.actions import credits, metering, subscriptions
        from apps.policy.gate import sweep
        from apps.runtime import outbox

        outbox.chores.bind(sweep.ask)
        outbox.chores.bind(credits.expire_everywhere)
        outbox.chores.bind(subscriptions.grant_months)
        outbox.chores.bind(metering.report)
        outbox.chores.bind(farewell.carry_out)
        outbox.chores.bind(erasing.carry_out)
        outbox.chores.bind(archives.carry_on)
