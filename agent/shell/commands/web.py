"""`web`: the interview on a page in the browser, served from this machine to this machine."""

from __future__ import annotations

import argparse
import ipaddress
import os
import shutil
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agent.shell import options
from agent.values.errors import InputError

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.shell.web.host import Opening
    from agent.shell.web.server import Certificate

PORT = 8765
"""Always the same one: a browser remembers the permission for the microphone by the whole address."""
_SAVES_WITHIN_S = 1.0
"""Seconds for saving after Ctrl-C; what takes longer is saved at the next start."""
OPENER = """<!doctype html><meta charset="utf-8"><title>Mock interview</title>
<meta http-equiv="refresh" content="0; url={url}"><p><a href="{url}">Mock interview</a></p>"""


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands, "web", "rehearse in the browser, with microphone and loudspeaker", "web", description=__doc__
    )
    parser.add_argument("--port", type=_port, default=PORT, metavar="N", help=f"default: {PORT}; 0 takes a free one")
    parser.add_argument("--no-open", dest="open", action="store_false", help="do not open the browser")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="serve other machines too; needs --certificate and --key"
    )
    parser.add_argument("--certificate", type=Path, metavar="FILE.pem", help="for https; only with --host")
    parser.add_argument("--key", type=Path, metavar="FILE.pem", help="the certificate's key")
    for share in (options.rubric_options, options.grader_options, options.whisper_options, options.voice_options):
        share(parser)
    options.store_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C."""
    from agent.shell.web.access import Address
    from agent.shell.web.host import Opening
    from agent.shell.web.server import Server
    from agent.shell.weights import ensure_whisper

    settings, certificate = options.settings(args), _certificate(args)
    ensure_whisper(settings, args)
    server = Server(Address(args.host, args.port, certificate is not None), certificate)
    opener, opening = Opener(), Opening()
    try:
        server.start(opening)
        print(f"Rehearse at {server.access.entry} (Ctrl-C stops it)", flush=True)
        if args.open:
            opener.open(server.access.entry)
        # The page is there by now; what takes longer comes while the browser draws it.
        with _host(settings, opening):
            server.wait()
    except KeyboardInterrupt:
        print("\nStopped.")
    finally:
        opener.remove()
        server.stop()
    return 0


@contextmanager
def _host(settings: Settings, opening: Opening) -> Iterator[None]:
    """Yields the host, and saves its interview at the end. Raises RubricError or StoreError."""
    from agent.shell.saving import open_store
    from agent.shell.web.host import Host

    try:
        host = Host(settings, open_store(settings))
    except BaseException:
        opening.cancel()
        raise
    opening.done(host)
    try:
        yield
    finally:
        host.close(_SAVES_WITHIN_S)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port; give a number from 0 to 65535")
    return int(text)


def _certificate(args: argparse.Namespace) -> Certificate | None:
    """Returns the certificate; None for loopback.

    Raises InputError for another address without one, since browsers would give the page no microphone.
    """
    from agent.shell.web.server import Certificate

    given = (args.certificate, args.key)
    if args.host == "127.0.0.1":
        if any(given):
            raise InputError("--certificate and --key are for --host; leave them out")
        return None
    _refuse_vague(args.host)
    if not all(given):
        raise InputError(
            f"--host {args.host} needs --certificate and --key: browsers give a page no microphone without https"
        )
    for path in given:
        if not path.is_file():
            raise InputError(f"{path}: no such file; give a certificate and its key in PEM format")
    return Certificate(*given)


def _refuse_vague(host: str) -> None:
    """Refuses an address that stands for all addresses, since requests could not be checked against it."""
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_unspecified:
            raise InputError(f"--host {host} means every network; name one address, or leave it out")


class Opener:
    """Opens the browser by way of a file that only this user can read.

    On the browser's command line every user of this machine could read the key.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None

    def open(self, url: str) -> None:
        """Opens the page. Without a browser the printed line remains."""
        self._folder = Path(tempfile.mkdtemp(prefix="mock-interview-"))
        page = self._folder / "open.html"
        with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(OPENER.format(url=url))
        with suppress(webbrowser.Error):
            webbrowser.open(page.as_uri())

    def remove(self) -> None:
        """Removes the file."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
