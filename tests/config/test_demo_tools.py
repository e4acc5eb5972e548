"""The demonstration's server of tools: what it reckons, what it refuses, what it may know, and how it is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.integrations.contracts.mcp import Answer, Server
from apps.integrations.contracts.outcomes import Refused
from apps.integrations.live.mcp_client import McpToolHost
from apps.policy.registry import schemas
from config import demo_tools
from config.embedded import Services
from config.supervisor.programs import Ports, environment, footnote_programs
from config.supervisor.stack import Supervisor
from tests.servers.mcp import serving_app

OURS = Services("postgres://secret@127.0.0.1/x", "redis://secret@127.0.0.1/0", ())


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving_app(demo_tools.application()) as at:
        yield at


def called(url: str, name: str, **arguments: Any) -> Answer:
    host = McpToolHost(loopback_hosts=(urlsplit(url).netloc,))
    tool = next(each for each in host.look(Server(url)).tools if each.name == name)
    return host.call(Server(url), tool, arguments)


def test_its_tools_say_what_they_take_and_give_in_schemas_that_we_can_check(url: str) -> None:
    tools = McpToolHost(loopback_hosts=(urlsplit(url).netloc,)).look(Server(url)).tools
    assert {each.name for each in tools} == {"convert_units", "days_between", "shift_date"}
    for each in tools:
        assert each.description and each.output is not None
        schemas.demand(each.input)
        schemas.demand(each.output)


@pytest.mark.parametrize(
    ("value", "unit", "to", "found", "sentence"),
    [
        (1, "mi", "km", 1.609344, "1 mi = 1.609344 km"),
        (61, "m", "ft", 200.13123359580052, "61 m = 200.131233596 ft"),
        (100, "°C", "°F", 212, "100 °C = 212 °F"),
        (-40, "°F", "°C", -40, "-40 °F = -40 °C"),
        (0, "K", "°C", -273.15, "0 K = -273.15 °C"),
        (3.6, "km/h", "m/s", 1, "3.6 km/h = 1 m/s"),
        (1, "kn", "km/h", 1.852, "1 kn = 1.852 km/h"),
        (0.1, "t", "kg", 100, "0.1 t = 100 kg"),
        (1e15, "GW", "W", 1e24, "1000000000000000 GW = 1000000000000000000000000 W"),
    ],
)
def test_units_are_converted_exactly(url: str, value: float, unit: str, to: str, found: float, sentence: str) -> None:
    assert called(url, "convert_units", value=value, unit=unit, to=to).structured == {
        "value": found, "sentence": sentence}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("convert_units", {"value": 1, "unit": "m", "to": "kg"}, "m measures length, kg measures mass"),
        ("convert_units", {"value": 1, "unit": "furlong", "to": "m"}, "no unit"),
        ("convert_units", {"value": 1, "unit": "m", "to": "K"}, "do not measure the same"),
        ("convert_units", {"value": -1, "unit": "K", "to": "°C"}, "absolute zero"),
        ("convert_units", {"value": 1e300, "unit": "m", "to": "km"}, "less than or equal"),
        ("days_between", {"first": "2026-02-30", "second": "2026-03-01"}, "There is no day 2026-02-30"),
        ("days_between", {"first": "today", "second": "2026-03-01"}, "match"),
        ("shift_date", {"day": "9999-12-31", "days": 1}, "outside the years"),
    ],
)
def test_what_can_not_be_reckoned_is_said(url: str, name: str, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        called(url, name, **arguments)


def test_days_are_counted(url: str) -> None:
    new_year = called(url, "days_between", first="2026-11-22", second="2027-01-01").structured
    assert new_year == {"days": 40, "weeks": 5, "days_left": 5, "working_days": 30}
    back = called(url, "days_between", first="2027-01-01", second="2026-11-22").structured
    assert back == {"days": -40, "weeks": -5, "days_left": -5, "working_days": -30}
    leap = called(url, "shift_date", day="2024-02-28", days=2).structured
    assert leap == {"day": "2024-03-01", "weekday": "Friday", "iso_week": 9, "day_of_year": 61}


def test_only_the_demonstration_serves_it_and_it_is_given_nothing_of_ours(tmp_path: Path) -> None:
    assert "tools" not in [each.name for each in footnote_programs(Ports(8000, 9000))]
    last = footnote_programs(Ports(8000, 9000, 9001))[-1]
    assert (last.name, last.port, last.command[-1]) == ("tools", 9001, "9001")
    known = environment("tools", tmp_path, OURS, {"FOOTNOTE_GATE_URL": "http://127.0.0.1:9000"}, "token")
    assert known["FOOTNOTE_STACK"] == "token" and "PATH" in known
    assert not [key for key, value in known.items() if "secret" in value or "KEY" in key or key.startswith("DJANGO")]
    assert not {"DATABASE_URL", "REDIS_URL", "FOOTNOTE_GATE_URL", "FOOTNOTE_WORKLOAD_SECRET"} & known.keys()


@pytest.mark.parametrize("demo", [True, False])
def test_the_gate_may_reach_this_very_port_in_the_demonstration_alone(
    tmp_path: Path, demo: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTNOTE_MCP_LOOPBACK_HOSTS", raising=False)
    supervisor = Supervisor(tmp_path, demo=demo)
    supervisor._choose_ports()
    supervisor.services = type("Running", (), {"services": OURS})()  # type: ignore[assignment]
    for name in ("web", "gate", "command"):
        hosts = supervisor.environment(name).get("FOOTNOTE_MCP_LOOPBACK_HOSTS")
        assert hosts == (f"127.0.0.1:{supervisor.ports.tools}" if demo else None)
    assert bool(supervisor.ports.tools) is demo
