from django.apps import AppConfig


class ResearchConfig(AppConfig):
    name = "apps.research"

    def ready(self) -> None:
        """Make the research workflow known to the engine; hook up what listens."""
        from apps.accounts.views import audit, chrome
        from apps.billing import queries as billing
        from apps.research import streams, subscribers
        from apps.research import workflow as research
        from apps.research.queries import access
        from apps.runtime import engine, outbox, workflow

        workflow.register(research.RESEARCH_1)
        workflow.register(research.RESEARCH)
        workflow.register(research.FOLLOW_UP)
        engine.moved.bind(streams.announce)
        outbox.chores.bind(subscribers.tidy)
        chrome.figures.bind(subscribers.figures)
        billing.runs_seen.bind(access.visible)
        audit.withheld.bind(access.withheld)
