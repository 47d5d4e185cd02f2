"""An address that cannot be listened on is said at once, before anything is started, with what to do."""

from __future__ import annotations

import socket

import pytest
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.commands.setup import listening


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "2001:db8::1"])
def test_an_address_of_another_machine_is_said(host: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--host", host, "--port", "0"])
    assert done.exit_code == 2
    assert host in done.output
    assert "--host" in done.output


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"] if socket.has_ipv6 else ["127.0.0.1"])
def test_a_port_in_use_is_said(host: str) -> None:
    try:
        taken = listening(host, 0)
    except OSError:  # a machine without IPv6 on its loopback has nothing to refuse
        assert host == "::1"
        return
    with taken:
        done = CliRunner().invoke(main, ["serve", "--host", host, "--port", str(taken.getsockname()[1])])
    assert done.exit_code == 2
    assert "is in use" in done.output
