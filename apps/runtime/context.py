"""What a step may touch: the gate, its inputs, the clock. Nothing else reaches the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.lib import clock, signing
from apps.lib.errors import ProductError
from apps.policy.gate import client
from apps.runtime.statements import Claim

TRIES = 3


class CallFailed(ProductError):
    """A call did not bring a usable answer; `outcome` says how, `final` whether another attempt could help."""

    code = "call_failed"

    def __init__(self, sentence: str, *, outcome: str, final: bool) -> None:
        super().__init__(sentence, outcome=outcome)
        self.outcome = outcome
        self.final = final


class CallDenied(CallFailed):
    """The gate said no. The reason is the policy's own sentence."""

    code = "call_denied"


class NeedsApproval(Exception):
    """A call waits for a person: the step is put down and runs again once somebody decided."""

    def __init__(self, *, until: datetime, approval: str) -> None:
        super().__init__(approval)
        self.until = until
        self.approval = approval


@dataclass
class StepContext:
    """One attempt of one task."""

    claim: Claim
    run_input: Mapping[str, Any]
    inputs: Mapping[str, list[Any]]
    gate: client.Gate
    # The attempt makes no further call after this moment; a call that is under way has a deadline of its own.
    until: datetime | None = None
    _token: str = field(default="", repr=False)

    @property
    def workspace(self) -> str:
        """The workspace's schema."""
        return self.claim.workspace

    @property
    def run(self) -> str:
        """The run's id."""
        return self.claim.run

    @property
    def person(self) -> int:
        """The person for whom the run works."""
        return self.claim.person

    @property
    def input(self) -> Mapping[str, Any]:
        """The input of this task alone (a fan-out task's own)."""
        return self.claim.input

    def now(self) -> datetime:
        """The time, from the one clock."""
        return clock.now()

    def one(self, step: str) -> Any:
        """Return the output of a step that has one task. Raises LookupError when it was skipped."""
        if not self.inputs[step]:
            raise LookupError(f"step {step} has no output")
        return self.inputs[step][0]

    def call(self, name: str, tool: str, arguments: Mapping[str, Any], *, version: str = "") -> dict[str, Any]:
        """Make a named call through the gate and return its result.

        name: stable within the task, so that a repeated attempt finds the recorded answer. version: hash of the
        prompt, where there is one. Tries 0, 1, 2 (and further ones in later attempts) are walked in order, and
        each recorded outcome is final for its try. Raises: CallDenied, CallFailed.
        """
        fresh = TRIES * (self.claim.attempt - 1)
        for number in range(fresh + TRIES):
            if self.until is not None and clock.now() > self.until:
                raise CallFailed("The step took longer than it may.", outcome="timeout", final=False)
            reply = self._ask(name=name, tool=tool, arguments=arguments, version=version, number=number)
            if reply.state == "done":
                return reply.result
            if reply.state == "waiting":
                raise NeedsApproval(until=datetime.fromisoformat(reply.until), approval=reply.approval)
            # What an earlier attempt was told is walked past; what this one is told counts.
            if number >= fresh and reply.state == "denied":
                raise CallDenied(reply.sentence, outcome=reply.outcome, final=True)
            if number >= fresh and reply.outcome == "refused":
                break
        raise CallFailed(reply.sentence, outcome=reply.outcome, final=reply.outcome == "refused")

    def _ask(self, **call: Any) -> client.Reply:
        try:
            return self.gate.call(token=self.token(), **call)
        except signing.BadToken:
            # A token lives ten minutes and a task may live longer; a lease that is lost gets no new one.
            self._token = ""
            return self.gate.call(token=self.token(), **call)

    def token(self) -> str:
        """Return this claim's delegation token, exchanged once at the gate."""
        if not self._token:
            self._token = self.gate.exchange(
                workspace=self.claim.workspace, task=self.claim.task, epoch=self.claim.epoch, role=self.claim.role
            )
        return self._token
