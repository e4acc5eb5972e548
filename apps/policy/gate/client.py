"""The gate as its callers see it: over HTTP where FOOTNOTE_GATE_URL is set, in this process where it is empty."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import httpx
from django.conf import settings

from apps.lib import signing
from apps.lib.errors import ProductError, Unavailable


class GateDown(Unavailable):
    """The gate does not answer. The call may be under way all the same; its result will be found."""

    code = "gate_down"


@dataclass(frozen=True, slots=True)
class Reply:
    """state: done, failed, denied or waiting; outcome and sentence say how and why."""

    state: str
    call: str
    outcome: str
    sentence: str
    result: dict[str, Any]
    approval: str = ""
    until: str = ""


class Gate(Protocol):
    def exchange(self, *, workspace: str, task: str, epoch: int, role: str) -> str:
        """Return a delegation token for a task that this worker holds. Raises BadToken, GateDown."""
        ...

    def call(
        self, *, token: str, name: str, tool: str, arguments: Mapping[str, Any], version: str, number: int
    ) -> Reply:  # fmt: skip
        """Make one call. Raises BadToken, GateDown and other ProductErrors."""
        ...


class HttpGate:
    """The gate in a process of its own."""

    def __init__(self, url: str) -> None:
        # The longest tool deadline and the gate's own waiting stay below the read timeout.
        timeout = httpx.Timeout(400, connect=3)
        limits = httpx.Limits(max_connections=64)
        self._http = httpx.Client(base_url=url, timeout=timeout, trust_env=False, limits=limits)

    def exchange(self, *, workspace: str, task: str, epoch: int, role: str) -> str:
        """See Gate."""
        body = {"workspace": workspace, "task": task, "epoch": epoch, "role": role}
        token: str = self._post("/v1/token", settings.WORKLOAD_SECRET, body)["token"]
        return token

    def call(
        self, *, token: str, name: str, tool: str, arguments: Mapping[str, Any], version: str, number: int
    ) -> Reply:  # fmt: skip
        """See Gate."""
        body = {"name": name, "tool": tool, "arguments": dict(arguments), "version": version, "number": number}
        return Reply(**self._post("/v1/call", token, body))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _post(self, path: str, secret: str, body: dict[str, Any]) -> dict[str, Any]:
        if not secret:
            raise signing.BadToken("There is no secret or token to show.")
        try:
            response = self._http.post(path, json=body, headers={"Authorization": f"Bearer {secret}"})
            answer: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise GateDown(f"The gate does not answer: {type(error).__name__}.") from error
        if response.status_code == 200:
            return answer
        if response.status_code == 401:
            raise signing.BadToken(answer["detail"])
        if response.status_code >= 500:
            raise GateDown(f"The gate could not answer: {answer['detail']}")
        refusal = ProductError(answer["detail"])
        refusal.code = answer["title"]
        raise refusal


class LocalGate:
    """The gate in the caller's process, for tests and inline development."""

    def exchange(self, *, workspace: str, task: str, epoch: int, role: str) -> str:
        """See Gate."""
        # Imported here: web and worker would otherwise load every vendor's library.
        from apps.policy.identity import delegation

        return delegation.exchange(
            secret=settings.WORKLOAD_SECRET, workspace=workspace, task=task, epoch=epoch, role=role
        )  # fmt: skip

    def call(
        self, *, token: str, name: str, tool: str, arguments: Mapping[str, Any], version: str, number: int
    ) -> Reply:  # fmt: skip
        """See Gate."""
        from apps.policy.gate import order

        return Reply(
            **asdict(
                order.call(token=token, name=name, tool=tool, arguments=arguments, version=version, number=number)
            )
        )  # fmt: skip


_gates: dict[tuple[int, str], HttpGate] = {}


def gate() -> Gate:
    """Return the gate this process talks to."""
    url = settings.GATE_URL
    if not url:
        return LocalGate()
    key = (os.getpid(), url)
    if key not in _gates:
        _gates[key] = HttpGate(url)
    return _gates[key]


def is_apart() -> bool:
    """Tell whether the gate is a process of its own, as live mode and production demand."""
    return bool(settings.GATE_URL) or settings.PROCESS == "gate"
