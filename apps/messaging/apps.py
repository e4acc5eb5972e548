from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "apps.messaging"

    def ready(self) -> None:
        """Listen to what happens to runs and approvals, send what the outbox holds, escalate what nobody decides."""
        from apps.accounts.actions import archives, farewell, workspaces
        from apps.accounts.views import layout
        from apps.billing import alerts
        from apps.messaging import actions, mail, subscribers, views
        from apps.monitors.actions import editions
        from apps.policy.approvals import kinds
        from apps.policy.budgets import marks
        from apps.research.steps import settlement
        from apps.runtime import outbox

        archives.archive_parts.bind(actions.archive_parts)
        farewell.person_erased.bind(subscribers.person_erased)
        workspaces.keeps_less.bind(subscribers.keeps_less)
        alerts.reached.bind(subscribers.credits_marked)
        marks.marked.bind(subscribers.budget_marked)
        kinds.moved.bind(subscribers.approval_moved)
        settlement.ended.bind(subscribers.run_ended)
        editions.news.bind(subscribers.monitor_has_news)
        outbox.send_mail.bind(mail.send)
        outbox.chores.bind(subscribers.escalate)
        layout.settings_pages.bind(views.link)
