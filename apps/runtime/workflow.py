"""What a workflow is: steps with their needs, roles, contracts and limits, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from apps.lib.errors import ProductError
from apps.runtime import rules


class ContractBroken(ProductError):
    """A step's output does not keep its contract."""

    code = "contract_broken"


class UnknownWorkflow(ProductError):
    """The running code does not know this workflow version."""

    code = "unknown_workflow"


@dataclass(frozen=True, slots=True)
class Addition:
    """A task that a finished step adds: an instance of a fan-out step, with its own input."""

    step: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A step's result. `save` writes its rows inside the completing transaction; `events` go on the timeline."""

    output: BaseModel
    add: tuple[Addition, ...] = ()
    save: Callable[[], None] | None = None
    events: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The step waits for a person or a time; it runs again at `until`, or when it is woken before."""

    until: datetime
    reason: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """The run ends here, by decision and not by fault: "rejected" or "expired"."""

    state: str
    reason: Mapping[str, Any] = field(default_factory=dict)


Result = Done | Waiting | Stop


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `adds_after` names the step that adds this one's tasks (fan-out); None: one task a run.

    Timeouts and back-off are in seconds; no timeout of its own means AGENT_STEP_RESULT_TIMEOUT_SECONDS. An `optional`
    task that fails for good is skipped; the run goes on.
    """

    key: str
    role: str
    run: Callable[..., Result]
    output: type[BaseModel]
    needs: tuple[str, ...] = ()
    input: type[BaseModel] | None = None
    adds_after: str | None = None
    max_attempts: int = 3
    retry_backoff_seconds: float = 2.0
    timeout_seconds: float | None = None
    optional: bool = False


@dataclass(frozen=True)
class Workflow:
    """Steps in reading order; the last one ends the run."""

    name: str
    version: str
    steps: tuple[Step, ...]
    ended: Callable[..., None] | None = None

    def __post_init__(self) -> None:
        keys = [step.key for step in self.steps]
        for step in self.steps:
            unknown = set(step.needs) - set(keys)
            if unknown or (step.adds_after and step.adds_after not in keys):
                raise ValueError(f"step {step.key} names steps that do not exist: {unknown or step.adds_after}")

    def step(self, key: str) -> Step:
        """Return a step by key. Raises KeyError."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Step]:
        return {step.key: step for step in self.steps}

    @property
    def final(self) -> str:
        """The key of the step whose end is the run's."""
        return self.steps[-1].key

    @cached_property
    def expanders(self) -> dict[str, str]:
        """Fan-out step → the step that adds its tasks."""
        return {step.key: step.adds_after for step in self.steps if step.adds_after}

    @cached_property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """Step → what it needs."""
        return {step.key: step.needs for step in self.steps}

    def missing(self, step: Step, *, present: frozenset[str] = frozenset()) -> int:
        """Count what a new task of a step still needs; `present` are steps that are finished already."""
        return rules.missing_at_start(set(step.needs) - present, self.expanders)


_registered: dict[tuple[str, str], Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    """Make a workflow version known. Keep an older version registered while runs began with it."""
    _registered[workflow.name, workflow.version] = workflow
    return workflow


def find(name: str, version: str) -> Workflow:
    """Return the very version a run began with. Raises UnknownWorkflow."""
    try:
        return _registered[name, version]
    except KeyError:
        raise UnknownWorkflow(f"This worker does not know {name} version {version}.") from None


def newest(name: str) -> Workflow:
    """Return the version that new runs begin with: the one registered last."""
    versions = [workflow for (known, _version), workflow in _registered.items() if known == name]
    if not versions:
        raise UnknownWorkflow(f"There is no workflow {name}.")
    return versions[-1]
