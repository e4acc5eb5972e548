from django.apps import AppConfig


class ResearchConfig(AppConfig):
    name = "apps.research"

    def ready(self) -> None:
        """Make the research workflow known to the engine; hook up what listens."""
        from apps.accounts.actions import archives, farewell, record, welcome, workspaces
        from apps.accounts.views import chrome
        from apps.billing import queries as billing
        from apps.memory import queries as memory
        from apps.research import streams, subscribers
        from apps.research import workflow as research
        from apps.research.actions import archives as copies
        from apps.research.actions import erasing
        from apps.research.queries import access
        from apps.runtime import engine, outbox, workflow

        workflow.register(research.RESEARCH_1)
        workflow.register(research.RESEARCH)
        workflow.register(research.FOLLOW_UP)
        workflow.register(research.PROOF)
        workflow.register(research.RECHECK)
        engine.moved.bind(streams.announce)
        outbox.chores.bind(subscribers.tidy)
        workspaces.workspace_closed.bind(subscribers.workspace_closed)
        chrome.figures.bind(subscribers.figures)
        billing.runs_seen.bind(access.visible)
        memory.runs_seen.bind(access.visible)
        memory.may_change.bind(access.teaches)
        archives.archive_parts.bind(copies.parts)
        farewell.person_erased.bind(erasing.erase_private)
        welcome.first_steps.bind(subscribers.first_steps)
        record.withheld.bind(access.withheld)
