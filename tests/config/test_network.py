"""Tests reach this machine and nothing else."""

from __future__ import annotations

import socket
import urllib.request

import pytest
from pytest_socket import SocketConnectBlockedError

# Warnings are errors here, and pytest-socket warns before it raises: either way nothing was sent.
Refused = (SocketConnectBlockedError, UserWarning)


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("2001:db8::1", 443), ("169.254.169.254", 80)])
def test_a_connection_to_elsewhere_is_refused_before_it_is_tried(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as way_out, pytest.raises(Refused, match=address[0]):
        way_out.connect(address)


def test_a_library_that_connects_by_itself_is_refused_too():
    with pytest.raises(Refused, match=r"192\.0\.2\.1"):
        urllib.request.urlopen("http://192.0.2.1/", timeout=5)


def test_this_machine_answers():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()
