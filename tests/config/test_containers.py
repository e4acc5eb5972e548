"""What compose.yaml promises: who may go out, and who is given which secret."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "docker"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
OURS = ("web", "gate", "worker", "scheduler", "migrate")


def test_only_the_gate_has_a_way_out_and_only_web_a_way_in():
    networks = {name: set(each["networks"]) for name, each in COMPOSE["services"].items()}
    assert [name for name, on in networks.items() if "outward" in on] == ["gate"]
    assert [name for name, on in networks.items() if "edge" in on] == ["web"]
    assert [name for name, each in COMPOSE["services"].items() if "ports" in each] == ["web"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all("inside" in on for on in networks.values())


@pytest.mark.parametrize("secret", ["token_key", "credential_keys", "openai_api_key", "tavily_api_key"])
def test_only_the_gate_is_given_the_keys_of_providers_and_of_tokens(secret):
    assert [name for name, each in COMPOSE["services"].items() if secret in each.get("secrets", ())] == ["gate"]


def test_the_keys_of_second_factors_and_of_checkpoints_have_one_holder_each():
    for secret, holder in (("totp_keys", "web"), ("audit_key", "scheduler")):
        assert [name for name, each in COMPOSE["services"].items() if secret in each.get("secrets", ())] == [holder]


def test_worker_and_gate_share_a_secret_that_web_does_not_know():
    holders = [name for name, each in COMPOSE["services"].items() if "workload_secret" in each.get("secrets", ())]
    # The scheduler runs steps itself while the queue is down.
    assert holders == ["gate", "worker", "scheduler"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_hold_no_rights_they_do_not_need(name):
    container = COMPOSE["services"][name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]


def test_every_secret_a_container_names_is_mounted_into_it():
    for name in OURS:
        container = COMPOSE["services"][name]
        named = {Path(path).name for key, path in container["environment"].items() if key.endswith("_FILE")}
        assert named == set(container["secrets"]), name
        assert named <= set(COMPOSE["secrets"])


def test_the_image_runs_as_an_ordinary_user_and_holds_no_secret():
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    last = [line for line in lines if line.startswith("USER ")][-1]
    assert last == "USER footnote"
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert not [line for line in ignored if line.startswith("!docker") and line.endswith((".env", "secrets"))]
