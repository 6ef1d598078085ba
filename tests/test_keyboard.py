"""Keys do what spoken commands do, and the terminal is left as it was."""

from __future__ import annotations

import io
import os
import sys
import threading

import pytest

from agent.interview.controls import Controls
from agent.shell.keyboard import HELP, KEYS, keys_pressed
from agent.values.dialogue import Intent
from tests.conftest import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of Unix")


def taken(controls: Controls, count: int) -> list[Intent | None]:
    found: list[Intent | None] = []

    def all_there() -> bool:
        intent = controls.take()
        if intent is not None:
            found.append(intent)
        return len(found) == count

    wait_until(all_there)
    return found


def test_keys_reach_the_interview_and_the_terminal_is_restored() -> None:
    import pty
    import termios

    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    controls = Controls()
    with os.fdopen(theirs, "r") as terminal:
        with keys_pressed(controls, terminal) as there:
            assert there
            os.write(ours, b"hx N?")
            assert taken(controls, 4) == [Intent.HINT, Intent.DONE, Intent.NEXT, Intent.OPTIONS]
        assert termios.tcgetattr(theirs) == before
    os.close(ours)


def test_a_terminal_that_is_closed_ends_the_keys_and_nothing_else() -> None:
    import pty

    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as terminal, keys_pressed(Controls(), terminal) as there:
        assert there
        [reader] = [thread for thread in threading.enumerate() if thread.name == "keyboard"]
        os.close(ours)
        reader.join(20)
        assert not reader.is_alive()


def test_without_a_terminal_there_are_no_keys() -> None:
    with keys_pressed(Controls(), io.StringIO("h")) as there:
        assert not there


def test_the_help_names_every_key() -> None:
    assert all(("space" if key == " " else f"{key} ") in HELP for key in KEYS)
