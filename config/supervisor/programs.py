"""The programs that make Footnote, and what each may know."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.embedded import Services
from config.servers import state

# Keys that only the programs named here are given; everybody else starts without them.
PRIVATE = {
    "OPENAI_": ("gate",),
    "TAVILY_": ("gate",),
    "SEARXNG_": ("gate",),
    "STRIPE_": ("web", "scheduler", "command"),
    "SMTP_": ("gate",),
    "GOOGLE_": ("web",),
    "GITHUB_": ("web",),
    "MICROSOFT_": ("web",),
    "OIDC_": ("web",),
    "FOOTNOTE_TOKEN_KEY": ("gate",),
    "FOOTNOTE_CREDENTIAL_KEYS": ("gate",),
    "FOOTNOTE_AUDIT_KEY": ("scheduler",),
    "FOOTNOTE_TOTP_KEYS": ("web", "command"),
    # The scheduler runs steps itself while the queue is down.
    "FOOTNOTE_WORKLOAD_SECRET": ("worker", "gate", "scheduler"),
    "SECRET_KEY": ("web", "worker", "scheduler", "command"),
}
SIGNING = ("FOOTNOTE_TOKEN_KEY", "FOOTNOTE_AUDIT_KEY")
SEALING = ("FOOTNOTE_CREDENTIAL_KEYS", "FOOTNOTE_TOTP_KEYS")
GENERATED = ("SECRET_KEY", "FOOTNOTE_WORKLOAD_SECRET", *SIGNING, *SEALING)


@dataclass(frozen=True)
class Ports:
    """Where web and gate listen on 127.0.0.1; tools and stripe are 0 but in the demonstration, which has both."""

    web: int
    gate: int
    tools: int = 0
    stripe: int = 0


@dataclass(frozen=True)
class Program:
    """One program of the stack; `port` answers /readyz with 200 once it is ready."""

    name: str
    command: tuple[str, ...]
    port: int | None = None
    # Seconds between asking it to end and killing its group.
    patience: float = 6.0
    # A program that is not steady may end by itself: the scheduler does when it loses its lock.
    steady: bool = True


# The demonstration's tools and its Stripe stand for somebody else's: they are given nothing of ours but their stack's
# token, and where the home is.
NOTHING_OF_OURS = ("PATH", "HOME", "LANG", "LC_", "TMPDIR", "PYTHON", "VIRTUAL_ENV", "FOOTNOTE_STACK")
STRANGERS = {"tools": NOTHING_OF_OURS, "stripe": (*NOTHING_OF_OURS, "FOOTNOTE_HOME")}
# What the demonstration's Stripe takes for a key: it guards no money.
TEST_KEY = "sk_test_" + "demonstration0" * 2
# In the order in which they are stopped; they are started the other way round.
Programs = Callable[[Ports], tuple[Program, ...]]


def footnote_programs(ports: Ports) -> tuple[Program, ...]:
    """Return web, worker, scheduler, gate and what a demonstration adds, in the order in which they are stopped."""
    python = sys.executable
    web = ("-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(ports.web))
    gate = ("-m", "gunicorn", "config.gate:application", "--bind", f"127.0.0.1:{ports.gate}", "--workers", "1")
    worker = ("-m", "dramatiq", "config.broker", "--processes", "1", "--threads", "4")
    return (
        Program(
            "web",
            (python, *web, "--timeout-graceful-shutdown", "3", "--no-access-log", "--no-proxy-headers"),
            ports.web,
        ),
        # What a worker leaves undone is done again under its lease, so it need not be waited for.
        Program("worker", (python, *worker, "--worker-shutdown-timeout", "4000")),
        Program("scheduler", (python, "manage.py", "scheduler"), steady=False),
        Program(
            "gate",
            (python, *gate, "--worker-class", "gthread", "--threads", "24", "--timeout", "0", "--no-control-socket")
            + ("--graceful-timeout", "4"),
            ports.gate,
        ),
        *_demonstration(ports),
    )


def _demonstration(ports: Ports) -> Iterator[Program]:
    """Yield the server of tools and the Stripe of a demonstration; nothing outside of it."""
    if ports.tools:
        yield Program("tools", (sys.executable, "-m", "config.demo_tools", str(ports.tools)), ports.tools)
    if ports.stripe:
        yield Program("stripe", (sys.executable, "-m", "config.loopback_stripe", str(ports.stripe)), ports.stripe)


def command(*words: str) -> tuple[str, ...]:
    """Return the words that run one of our own commands."""
    return (sys.executable, "manage.py", *words)


def keep_secrets(home: Path) -> dict[str, str]:
    """Return the secrets of this home, made on first use and kept in a file only its owner can read.

    Raises CannotStart when the disk refuses.
    """
    path = home / "secrets.json"
    kept = state.read(path)
    missing = [name for name in GENERATED if not kept.get(name)]
    for name in missing:
        kept[name] = _signing_key() if name in SIGNING else secrets.token_urlsafe(32 if name in SEALING else 48)
    if missing:
        state.write(path, kept)
    return {name: str(kept[name]) for name in GENERATED}


def environment(name: str, home: Path, services: Services, given: Mapping[str, str], token: str) -> dict[str, str]:
    """Return the whole environment of one program: the caller's, plus `given`, minus what is not for it."""
    ours = {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "FOOTNOTE_HOME": str(home),
        "FOOTNOTE_PROCESS": "" if name == "command" else name,
        "FOOTNOTE_STACK": token,
        "PYTHONUNBUFFERED": "1",
    }
    fallback = {"DJANGO_SETTINGS_MODULE": "config.settings.dev", "AGENT_STEP_EXECUTION_MODE": "dramatiq"}
    everything = fallback | keep_secrets(home) | dict(os.environ) | dict(given) | ours
    return {key: value for key, value in everything.items() if _may_know(name, key)}


def _may_know(name: str, key: str) -> bool:
    if name in STRANGERS:
        return key.startswith(STRANGERS[name])
    return all(name in owners for prefix, owners in PRIVATE.items() if key.startswith(prefix))


def _signing_key() -> str:
    # Needed once in the life of a home, and slow to load.
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    shape, seal = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, shape, seal).decode()
