from django.apps import AppConfig


class MonitorsConfig(AppConfig):
    name = "apps.monitors"

    def ready(self) -> None:
        """Listen to timetables, to what was read again and to runs that end."""
        from apps.accounts.actions import archives, erasing, farewell
        from apps.monitors import subscribers
        from apps.research.steps import settlement
        from apps.runtime import beat, outbox

        beat.due.bind(subscribers.due)
        settlement.rechecked.bind(subscribers.rechecked)
        settlement.ended.bind(subscribers.run_ended)
        outbox.chores.bind(subscribers.purge)
        erasing.workspace_erased.bind(subscribers.workspace_erased)
        farewell.person_erased.bind(subscribers.person_erased)
        archives.archive_parts.bind(subscribers.archive_parts)
