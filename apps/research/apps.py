from django.apps import AppConfig


class ResearchConfig(AppConfig):
    name = "apps.research"

    def ready(self) -> None:
        """Make the research workflow known to the engine."""
        from apps.research import workflow as research
        from apps.runtime import workflow

        workflow.register(research.RESEARCH)
