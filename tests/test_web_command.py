"""`web` as a program: its options, its one line, and Ctrl-C."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import stat
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

from agent.shell.commands.web import Opener
from agent.shell.web.access import Address
from agent.shell.web.host import Opening
from agent.shell.web.server import Certificate, Server
from tests.conftest import ROOT, Command

SELF_SIGNED = ROOT / "tests" / "self_signed.pem"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--host", "0.0.0.0"], "means every network"),
        (["--host", "::"], "means every network"),
        (["--host", "192.168.0.7"], "needs --certificate and --key"),
        (["--host", "localhost"], "needs --certificate and --key"),
        (["--certificate", "cert.pem"], "are for --host"),
        (["--host", "192.168.0.7", "--certificate", "no.pem", "--key", "no.pem"], "no such file"),
        (["--port", "70000"], "not a port"),
        (["--port", "x"], "not a port"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_option_that_cannot_be_used_is_refused_in_one_line(command: Command, options: list[str], says: str) -> None:
    done = command("web", "--no-open", *options, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_reported(command: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = command("web", "--no-open", "--port", str(taken.getsockname()[1]), check=False)
    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert "--port" in done.stderr


def test_it_says_where_the_page_is_and_ctrl_c_stops_it(tmp_path: Path) -> None:
    words = ["-m", "agent", "web", "--no-open", "--port", "0", "--data-dir", str(tmp_path)]
    program = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert program.stdout is not None
    line = program.stdout.readline()
    address, token = line.split()[2].split("/?token=")
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
    connection.request("GET", f"/?token={token}")
    assert connection.getresponse().status == 200
    connection.close()
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out.strip(), err) == (0, "Stopped.", "")


def test_the_key_is_on_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", shown.append)
    opener = Opener()
    opener.open("http://127.0.0.1:1/?token=secret")
    (url,) = shown
    page = Path(url.removeprefix("file://"))
    assert "secret" not in url
    assert "token=secret" in page.read_text("utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    opener.remove()
    assert not page.exists()


def test_with_a_certificate_the_page_is_served_over_https() -> None:
    server = Server(Address("127.0.0.1", 0, secure=True), Certificate(SELF_SIGNED, SELF_SIGNED))
    server.start(Opening())
    try:
        context = ssl._create_unverified_context()
        port = server.access.address.port
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
        connection.request("GET", f"/?token={server.access.token}")
        response = connection.getresponse()
        assert response.status == 200
        assert "Secure" in (response.headers["set-cookie"] or "")
        connection.close()
    finally:
        server.stop()


def test_the_server_listens_on_loopback_alone() -> None:
    server = Server(Address("127.0.0.1", 0))
    try:
        assert server._socket.getsockname()[0] == "127.0.0.1"
    finally:
        server.stop()
