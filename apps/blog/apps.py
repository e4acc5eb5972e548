"""The public site."""

from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "apps.blog"
    verbose_name = "Site"

    def ready(self) -> None:
        """The scheduler publishes what is due."""
        from apps.blog.actions import publishing
        from apps.runtime import outbox

        outbox.chores.bind(publishing.publish_due)
