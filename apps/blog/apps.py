"""The public site."""

from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "apps.blog"
    verbose_name = "Site"

    def ready(self) -> None:
        """The scheduler publishes what is due, and takes down copies whose report is gone."""
        from apps.blog.actions import publishing, showing
        from apps.runtime import outbox

        outbox.chores.bind(publishing.publish_due)
        outbox.chores.bind(showing.review)
