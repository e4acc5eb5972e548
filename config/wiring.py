"""An app of its own, loaded last: binds the broker to the lanes once every room is ready."""

import dramatiq
from django.apps import AppConfig
from django.conf import settings
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Callbacks, CurrentMessage, Retries, ShutdownNotifications

# An idle worker looks for messages this often; Dramatiq's own 567 ms start would be felt on every page.
POLL_MILLISECONDS = 20


class QuickBroker(RedisBroker):
    """A Redis broker that notices a dead worker after 5 s and a new message after 20 ms."""

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> dramatiq.Consumer:
        """Cap the idle poll; one message ahead at most, so that a long task holds nobody up."""
        # No message of ours is delayed: what Dramatiq keeps for those is hardly ever looked at.
        poll = timeout if queue_name.endswith(".DQ") else min(timeout, POLL_MILLISECONDS)
        return super().consume(queue_name, prefetch=1, timeout=poll)


def make_broker() -> QuickBroker:
    """Return the broker on Redis database 0."""
    from apps.runtime.middleware import WorkspaceMiddleware

    return QuickBroker(
        url=settings.REDIS_URL or "redis://127.0.0.1:1/0",
        heartbeat_timeout=5_000,
        maintenance_chance=1_000_000,
        middleware=[
            AgeLimit(), ShutdownNotifications(), Callbacks(), CurrentMessage(), Retries(max_retries=0),
            WorkspaceMiddleware(),
        ],
    )  # fmt: skip


class WiringConfig(AppConfig):
    name = "config"
    label = "wiring"

    def ready(self) -> None:
        """Hold this process to the addresses it may reach, and declare the lanes' actors."""
        from apps.runtime import actors
        from config import egress

        # Signing in with an account elsewhere is settled by the web process, where keys for that are set.
        elsewhere = [*settings.SIGN_IN_ORIGINS] if settings.PROCESS == "web" else []
        elsewhere += settings.STRIPE_ORIGINS if settings.PROCESS in {"web", "scheduler"} else ()
        egress.guard(settings.PROCESS, (settings.REDIS_URL, settings.GATE_URL, settings.DATABASE_URL, *elsewhere))
        broker = make_broker()
        dramatiq.set_broker(broker)
        actors.declare(broker)
