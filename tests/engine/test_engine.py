"""The engine on scripted workflows, inline."""

from __future__ import annotations

from apps.accounts import tenancy
from apps.runtime import actions, engine
from apps.runtime.models import Event, Run, Task
from tests.conftest import Cast
from tests.engine import workflows


def test_a_run_fans_out_joins_and_completes(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.alice)
        actions.drive()
        assert Run.objects.get(pk=run).state == "completed"
        outputs = {task.key: task.output["value"] for task in Task.objects.filter(run=run)}
        assert outputs == {"first": 1, "part.1": 0, "part.2": 1, "part.3": 2, "total": 3, "last": 4}
        numbers = list(Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
        assert len(numbers) == len(set(numbers)), numbers
        kinds = [e.kind for e in Event.objects.filter(run=run).order_by("seq")]
        assert kinds[0] == "run.queued" and kinds[-1] == "run.completed", kinds
    with tenancy.in_workspace(committed.globex):
        assert not Run.objects.filter(pk=run).exists()


def test_a_message_received_five_times_changes_nothing(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.alice)
        actions.drive()
        before = Event.objects.filter(run=run).count()
        task = Task.objects.get(run=run, key="total")
        for _ in range(5):
            engine.advance(workspace=committed.acme, run=run, task=task.pk)
        assert Event.objects.filter(run=run).count() == before
