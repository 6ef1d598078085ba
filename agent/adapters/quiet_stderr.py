"""Keeps messages of native audio libraries off the terminal: PortAudio, JACK, PulseAudio and ALSA.

Their messages ("ALSA lib pcm.c ... underrun occurred") are for their developers; anything important is reported as an
error code.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LIBASOUND = "libasound.so.2"
_STDERR = 2


class _QuietStderr:
    """Standard error of the process, redirected while at least one thread needs that."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._depth = 0
        self._saved = -1

    @contextmanager
    def quiet(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._guard:
            self._depth += 1
            # A process without a terminal may have no standard error at all.
            if self._depth == 1:
                with suppress(OSError):
                    self._redirect()

    def _redirect(self) -> None:
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()
        saved = os.dup(_STDERR)
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(nowhere, _STDERR)
            finally:
                os.close(nowhere)
        except OSError:
            os.close(saved)
            raise
        self._saved = saved

    def _leave(self) -> None:
        with self._guard:
            self._depth -= 1
            if self._depth == 0 and self._saved >= 0:
                os.dup2(self._saved, _STDERR)
                os.close(self._saved)
                self._saved = -1


_PROCESS = _QuietStderr()
_HANDLER_TYPE = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)


_IGNORE = _HANDLER_TYPE(lambda *_message: None)
"""ALSA's error handler; ALSA calls it as long as the process lives, so it must not be garbage-collected."""


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Wraps short calls that open or close devices: nothing printed meanwhile reaches standard error."""
    with _PROCESS.quiet():
        yield


def silence_alsa() -> bool:
    """Turns off ALSA's own messages permanently, if ALSA is loaded, since underruns are printed at any time."""
    no_load = getattr(os, "RTLD_NOLOAD", None)
    if no_load is None:
        return False
    try:
        library = ctypes.CDLL(_LIBASOUND, mode=no_load | os.RTLD_LAZY)
        library.snd_lib_error_set_handler(_IGNORE)
    except (OSError, AttributeError):
        return False
    return True
