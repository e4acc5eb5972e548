"""Only the gate goes out; production and live mode refuse to start where that could not be kept."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from apps.accounts import tenancy
from apps.lib.errors import Unavailable
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.research.actions import runs
from tests.conftest import Cast
from tests.servers.loopback import Quiet, serving

pytestmark = pytest.mark.sample_of_file(6)
TRY = """
import django; django.setup()
import httpx, redis
from django.conf import settings
redis.Redis.from_url(settings.REDIS_URL).ping()
print(httpx.get({url!r}, trust_env=False).text)
"""


class Hello(Quiet):
    def do_GET(self) -> None:
        self.answer(200, b"outside", "text/plain")


@pytest.mark.parametrize(
    ("process", "gets_out"), [("worker", False), ("web", False), ("scheduler", False), ("gate", True)]
)
def test_only_the_gate_goes_out(process: str, gets_out: bool) -> None:
    with serving(Hello) as outside:
        env = os.environ | {"FOOTNOTE_PROCESS": process, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
        done = subprocess.run(
            [sys.executable, "-c", TRY.format(url=outside)], env=env, capture_output=True, text=True, check=False
        )
    assert ("outside" in done.stdout) is gets_out, done.stderr[-500:]
    if not gets_out:
        assert "only the gate goes out" in done.stderr


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"FOOTNOTE_PROCESS": "worker"}, "FOOTNOTE_GATE_URL is not set"),
        ({"FOOTNOTE_PROCESS": "web", "OPENAI_API_KEY": "k"}, "Provider keys are set in a process that is not the gate"),
        ({"FOOTNOTE_PROCESS": "gate"}, "FOOTNOTE_WORKLOAD_SECRET is not set"),
        ({"FOOTNOTE_PROCESS": "web"}, "FOOTNOTE_TOTP_KEYS is not set"),
        ({"FOOTNOTE_PROCESS": "web", "SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"FOOTNOTE_PROCESS": "web", "REDIS_URL": "", "FOOTNOTE_HOME": "/nowhere"}, "REDIS_URL is not set"),
    ],
)
def test_production_refuses_to_start_where_a_promise_could_not_be_kept(env: dict[str, str], sentence: str) -> None:
    everything = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.production", "SECRET_KEY": "s"} | env
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"], env=everything, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert sentence in done.stderr


def test_live_mode_refuses_to_start_with_the_gate_in_the_callers_process(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        added, _ = library.add(by=cast.alice, uploads=[Upload("a.txt", b"The dam was opened in 1974.")])
        request = runs.Request(question="When?", documents=(added[0].version,), mode="live")
        with pytest.raises(Unavailable, match="process of its own"):
            runs.start(by=cast.alice, request=request)
