"""One limit for whatever is waited for."""

from __future__ import annotations

import threading

import pytest

from agent.adapters.deadline import Deadline, within


def test_what_is_done_in_time_is_returned() -> None:
    assert within(Deadline(60.0), lambda: 7) == 7


def test_what_is_raised_in_time_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        within(Deadline(60.0), lambda: 1 // 0)


def test_what_never_ends_is_given_up() -> None:
    released, ended = threading.Event(), threading.Event()

    def waits() -> None:
        released.wait()
        ended.set()

    with pytest.raises(TimeoutError, match=r"0\.05 s"):
        within(Deadline(0.05), waits)
    assert not ended.is_set()
    released.set()
    assert ended.wait(60.0)


def test_the_time_left_never_falls_below_nothing() -> None:
    assert Deadline(-1.0).left_s == 0.0
    assert 0.0 < Deadline(60.0).left_s <= 60.0
