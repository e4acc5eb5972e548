from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "apps.runtime"

    def ready(self) -> None:
        """Have the gate give back, now and then, what its dead and ended runs left behind."""
        from apps.policy.gate import sweep
        from apps.runtime import outbox

        outbox.chores.bind(sweep.ask)
