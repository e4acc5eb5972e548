"""The control plane of a planted workspace: its policies before its runs, everything else after them."""

from __future__ import annotations

from datetime import timedelta

from apps.accounts import tenancy
from apps.lib import clock
from apps.policy.actions import policies
from apps.policy.budgets import limits
from apps.policy.guardrails import choices
from apps.policy.identity import credentials
from apps.policy.registry import agents, capabilities, pauses, servers, sign_ins, switches
from tests.tenancy.spaces import Space, bait


def rule(space: Space) -> None:
    """Let a policy of the workspace's own ask about the searches of one run, and another be on trial."""
    alice = space.people["alice"]

    def text(place: str, when: str, more: str = "") -> str:
        name, says = bait(space.name, "work", place), bait(space.name, "work", f"{place}says")
        return (f'@id("{name}")\n@says("{says}")\nforbid (principal, action == Action::"library_search", resource)\n'
                f"when {{ {when} }}{more};\n")  # fmt: skip

    asks = text("rule", f'context.arguments.query like "*{bait(space.name, "work", "questionsingle")}*"',
                "\nunless { context.approved }")  # fmt: skip
    with tenancy.in_workspace(space.schema):
        adopted = policies.save(by=alice, text=asks, note=bait(space.name, "work", "policynote"))
        tried = policies.save(by=alice, text=asks + text("trial", 'context.mode == "mock"'), note="a trial")
        policies.save(by=alice, text=f"// {bait(space.name, 'work', 'draft')}\n", note="a draft")
        policies.adopt(by=alice, number=adopted)
        policies.try_out(by=alice, number=tried)


def fill(space: Space) -> None:
    """Fill the control plane: credentials, a server with a tool, capabilities, pauses, caps, budgets, guardrails."""
    alice = space.people["alice"]

    def word(place: str, seal: str = "work") -> str:
        return bait(space.name, seal, place)

    with tenancy.in_workspace(space.schema):
        secret = credentials.add(by=alice, name=word("credential", "keys"), secret=word("secret", "none"),
                                 tools=[f"{word('server')}.*"])  # fmt: skip
        space.note("credential", secret, "keys")
        server = servers.add(by=alice, name=word("server"), url=f"https://{word('host')}.test/mcp", credential=secret)
        space.note("server", server)
        servers.note_offer(id=server, protocol_version="2025-06-18", tools=[
            {"name": word("tool"), "description": word("describes"), "input": {"type": "object"}, "output": None},
        ])  # fmt: skip
        tool = switches.offered(f"{word('server')}.{word('tool')}")
        assert tool is not None
        switches.enable(by=alice, name=tool.name, seen=tool.hash)
        space.note("tool", tool.name)
        space.note("seen", tool.hash)
        door = servers.add(by=alice, name=f"{word('server')}-door", url=f"https://{word('host')}.test/door")
        space.note("server", door)
        servers.note_sign_in(id=door, issuer=f"https://{word('issuer')}.test")
        sign_in, state = sign_ins.begin(by=alice, server=door, redirect="https://example.test/back")
        sign_ins.note_ready(id=sign_in, address="https://example.test/in?a=1", issuer=word("issuer"), begun={"v": "x"})
        sign_ins.come_back(by=alice, server=door, id=sign_in, state=state, error=word("refused", "keys"))
        capability = capabilities.grant(
            by=alice, tool="document_write", calls=3, until=clock.now() + timedelta(days=3), micro_dollars=0,
            reason=word("granted"),
        )  # fmt: skip
        space.note("capability", capability)
        pauses.pause(by=alice, kind="tool", name="document_write", reason=word("paused"))
        agents.set_autonomy(by=alice, role="publisher", autonomy="ask", reason=word("held", "keys"))
        for kind, subject in (("workspace", ""), ("person", str(space.people["bob"]))):
            limits.set_limit(by=alice, kind=kind, subject=subject, tokens=10**9, micro_dollars=None,
                             reason=word("limit", "keys"))  # fmt: skip
            limits.make_exception(by=alice, kind=kind, subject=subject, tokens=5, micro_dollars=0,
                                  reason=word("exception", "cost"))  # fmt: skip
        choices.choose(by=alice, name="topic", action="warn", reason=word("guarded", "keys"), subjects=word("subjects"))
