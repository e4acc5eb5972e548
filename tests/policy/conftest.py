"""A server of tools that asks for a sign-in, before and after somebody did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.accounts import tenancy
from apps.policy.models import AgentSetting
from apps.policy.registry import switches
from tests.conftest import Cast
from tests.policy.signing_in import forget, sign_in
from tests.policy.test_mcp import HEIGHT, add, seen
from tests.policy.test_registry import claimed
from tests.servers.oauth import Authority, Guarded, guarded


@pytest.fixture
def door(settings: Any) -> Iterator[tuple[str, Guarded, Authority]]:
    """A server of tools that asks for a sign-in, and its authorization server; the gate may reach both."""
    with guarded() as (url, server, authority):
        settings.MCP_LOOPBACK_HOSTS = [urlsplit(url).netloc, urlsplit(authority.origin).netloc]
        forget()
        yield url, server, authority
    forget()


@pytest.fixture
def asking(committed: Cast, door: tuple[str, Guarded, Authority]) -> tuple[Cast, str]:
    """The workspace, and the server that somebody added there."""
    return committed, add(committed, door[0])


@pytest.fixture
def signed(asking: tuple[Cast, str]) -> tuple[Cast, str, str]:
    """A workspace that is signed in, with one tool enabled: cast, server, an agent's token."""
    cast, server = asking
    sign_in(cast, server)
    with tenancy.in_workspace(cast.acme):
        switches.enable(by=cast.alice, name=HEIGHT, seen=seen(cast, HEIGHT))
        AgentSetting.objects.create(role="analyst", tools=[HEIGHT])
    return cast, server, claimed(cast, "analyst")
