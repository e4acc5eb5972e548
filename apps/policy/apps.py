from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "apps.policy"

    def ready(self) -> None:
        """Offer the pages of the control plane beside the settings; pin the tools of every workspace."""
        from django.conf import settings
        from django.core import checks as system

        from apps.accounts import schemas
        from apps.accounts.actions import members, workspaces
        from apps.accounts.views import layout
        from apps.billing import usage as money
        from apps.observability import queries as observability
        from apps.policy import usage
        from apps.policy.actions import leaving
        from apps.policy.gate import evidence
        from apps.policy.identity import seals
        from apps.policy.registry import catalogue, checks, switches
        from apps.policy.views import (
            agents,
            budgets,
            credentials,
            delegations,
            guardrails,
            policies,
            simulate,
            tools,
        )

        system.register(checks.check_tools)
        if settings.PROCESS == "gate":
            checks.demand_tools()
        workspaces.workspace_created.bind(switches.begin)
        members.member_left.bind(leaving.leave)
        schemas.prepared.bind(switches.prepare)
        for page in (policies, tools, guardrails, simulate, agents, delegations, budgets, credentials):
            layout.settings_pages.bind(page.link)
        catalogue.builtin()["report_seal"].bind(seals.seal)
        observability.evidence.bind(evidence.digests)
        money.used_by.bind(usage.used_by)
        money.used_daily.bind(usage.used_daily)
