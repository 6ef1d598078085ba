"""Ctrl-C, a closed terminal, a request to terminate: a real process ends in order, and no word is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.shell.store.store import Store
from tests.conftest import ROOT

HANGS_S, ENDS_WITHIN_S = 3600.0, 120.0
"""A thread hangs for so long that nobody who waits for it ends in time, however busy the machine is."""
CHILD = """
import signal, sys, threading, time
from pathlib import Path
from agent.adapters.rubric_file import load_questions
from agent.shell.cli import _failed
from agent.shell.interruption import end_in_order, leave
from tests.test_faults import ROOT, World, interview

class Stuck(World):
    def transcribe(self, clip, glossary=()):
        done = super().transcribe(clip, glossary)
        if self.calls["transcribe"] == {stuck_at}:
            print("stuck", flush=True)
            time.sleep({hangs})
        return done

    def play(self, clip, until=None):
        if {stuck_at} == 0:
            print("stuck", flush=True)
            time.sleep({hangs})
        return super().play(clip, until)

# These tests may run under nohup.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
end_in_order()
asked = list(load_questions([ROOT / "rubrics" / "recsys-5-refresh.yaml"]).values())
try:
    interview(Stuck(), asked, Path(sys.argv[1]))
except KeyboardInterrupt:
    pass
leave(130)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("stuck_at", [0, 2])
def test_the_first_signal_ends_the_program_in_order_and_more_do_no_harm(
    number: signal.Signals, times: int, stuck_at: int, tmp_path: Path
) -> None:
    """Stuck in the greeting (0), or while the second part of the answer is transcribed."""
    code = CHILD.format(stuck_at=stuck_at, hangs=HANGS_S)
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "stuck\n"
    for _ in range(times):
        child.send_signal(number)
        time.sleep(0.02)
    with child:
        try:
            _, errors = child.communicate(timeout=ENDS_WITHIN_S)
        finally:
            child.kill()
    assert child.returncode == 130
    assert "Traceback" not in errors
    assert "terminate" not in errors
    turns = [saved for session in Store.open(tmp_path).sessions() for saved in session.turns]
    assert [saved.turn.transcript.text[:13] for saved in turns] == (["I would watch"] if stuck_at else [])
    assert all(saved.audio is not None for saved in turns)
    assert not list((tmp_path / "live").iterdir())


COLLECTED = """
import signal, time
from agent.shell.interruption import end_in_order

class Collected:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

end_in_order()
Collected()
try:
    time.sleep(20)
    print("lost")
except KeyboardInterrupt:
    print("stopped")
"""


def test_a_signal_that_comes_while_python_collects_garbage_is_not_lost() -> None:
    done = subprocess.run([sys.executable, "-c", COLLECTED], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.stdout, done.stderr) == ("stopped\n", "")


IMPORTED = """
import signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "agent.shell.cli":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder())
from agent.__main__ import entry
entry()
"""


def test_a_signal_while_modules_are_imported_ends_the_program_without_a_word() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


COMPUTES = """
import hashlib, threading
from agent.shell.interruption import end_in_order

end_in_order()
# From another thread, when the main one computes.
threading.Timer(0.5, print, ["stuck"], {"flush": True}).start()
hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
"""
CANNOT_PRINT = """
import sys, time
from agent.shell.interruption import end_in_order, leave

end_in_order()
try:
    print("stuck", flush=True)
    time.sleep(60)
finally:
    # As a terminal does after Ctrl-S, and a pager that shows its first page.
    print("x" * 10_000_000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("code", [COMPUTES, CANNOT_PRINT], ids=["a library computes", "nobody reads"])
def test_what_takes_long_is_not_waited_for(code: str) -> None:
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "stuck\n"
        child.send_signal(signal.SIGINT)
        try:
            assert child.wait(HANGS_S / 2) == 130
        finally:
            child.kill()


KEYS = """
import hashlib, threading, tty
from agent.shell.interruption import end_in_order

end_in_order()
tty.setcbreak(0)
threading.Timer(0.5, print, ["stuck"], {"flush": True}).start()
hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of Unix")
def test_the_terminal_shows_keys_again_after_a_late_end() -> None:
    import pty
    import termios

    master, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    words = [sys.executable, "-c", KEYS]
    with subprocess.Popen(words, cwd=ROOT, stdin=terminal, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "stuck\n"
        assert termios.tcgetattr(terminal) != before
        child.send_signal(signal.SIGINT)
        assert child.wait(HANGS_S / 2) == 130
    assert termios.tcgetattr(terminal) == before
    os.close(master)
    os.close(terminal)


NOHUP = """
import signal
from agent.shell.interruption import end_in_order

signal.signal(signal.SIGHUP, {before})
end_in_order()
try:
    signal.raise_signal(signal.SIGHUP)
    print("goes on")
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize(("before", "then"), [("signal.SIG_IGN", "goes on\n"), ("signal.SIG_DFL", "stopped\n")])
def test_under_nohup_a_closed_terminal_ends_nothing(before: str, then: str) -> None:
    code = NOHUP.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.stdout, done.stderr) == (then, "")
