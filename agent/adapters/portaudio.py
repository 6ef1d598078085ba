"""PortAudio: the devices and the open streams. The only file that imports sounddevice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

from agent.adapters.quiet_stderr import quiet_stderr, silence_alsa
from agent.values.errors import DeviceError, InputError

Device = str | int | None
"""Part of a device's name, its number, or None for the system's default."""
Kind = Literal["input", "output"]
NO_DEVICE = "or try it with recorded answers, which need no sound card"
GONE_S = 2.0
"""Seconds without any audio after which a device counts as disconnected."""
_YIELD_S = 1.0
"""How long (s) to wait for open streams to close before listing the devices again."""


@cache
def sounddevice() -> Any:
    """The library. Raises DeviceError if PortAudio is missing."""
    try:
        with quiet_stderr():
            import sounddevice
        silence_alsa()
    except (OSError, ImportError) as error:
        raise DeviceError(
            "PortAudio, which plays and records sound, is missing. On Debian or Ubuntu: sudo apt install libportaudio2;"
            f" on macOS and Windows: reinstall the Python package sounddevice; {NO_DEVICE}."
        ) from error
    return sounddevice


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Translates PortAudio's errors into ours, in one line."""
    library = sounddevice()
    try:
        yield
    except library.PortAudioError as error:
        reason = " ".join(str(error.args[0] if error.args else error).split())
        raise DeviceError(f"{what}: {reason}. Choose another device, {NO_DEVICE}.") from error


def devices() -> list[str]:
    """One line for each device: its number, its name, and whether it records, plays or both."""
    with translated("The sound devices cannot be listed"):
        return [_line(info) for info in sounddevice().query_devices()]


def loudspeaker(device: Device = None) -> str:
    """The name of the loudspeaker that would be used. Raises DeviceError or InputError if there is none."""
    with translated("The loudspeaker cannot be used"):
        return str(chosen("output", device)["name"])


def microphone(device: Device = None) -> str:
    """The name of the microphone that would be used. Raises DeviceError or InputError if there is none."""
    with translated("The microphone cannot be used"):
        return str(chosen("input", device)["name"])


def chosen(kind: Kind, wanted: Device) -> dict[str, Any]:
    """PortAudio's entry for a device: the default one, or the first that matches the number or name."""
    every = list(sounddevice().query_devices())
    able = [info for info in every if info[f"max_{kind}_channels"] > 0]
    role = {"input": "microphone", "output": "loudspeaker"}[kind]
    if not able:
        raise DeviceError(f"There is no {role} on this machine. Connect one, {NO_DEVICE}.")
    if wanted is None or wanted == "":
        return _default(kind, able)
    fitting = [info for info in able if _fits(info, wanted)]
    if not fitting:
        there = "; ".join(f"{info['index']}: {info['name']}" for info in able)
        raise InputError(f"No {role} is called {wanted!r}. Available: {there}.")
    return dict(fitting[0])


def input_format(info: dict[str, Any]) -> tuple[int, int]:
    """Rate and channels that the device accepts: its own rate, and one channel if it allows that."""
    library = sounddevice()
    rate = int(info["default_samplerate"])
    try:
        with quiet_stderr():
            library.check_input_settings(device=info["index"], channels=1, dtype="float32", samplerate=rate)
    except library.PortAudioError:
        return rate, int(info["max_input_channels"])
    return rate, 1


@contextmanager
def started(make: Any, **settings: Any) -> Iterator[Any]:
    """A sounddevice stream, open within the context; messages that the
    system's libraries print meanwhile are dropped.
    """
    with quiet_stderr():
        stream = make(**settings)
        stream.__enter__()
    try:
        yield stream
    finally:
        with quiet_stderr():
            stream.__exit__(None, None, None)


class Streams:
    """The open streams.

    PortAudio lists the devices only when it starts. After a device is lost, PortAudio is restarted, so that a
    reconnected device is found. It can restart only while no stream is open, so the streams of other threads are asked
    to close for a moment and to open again.
    """

    def __init__(self) -> None:
        self._open = 0
        self._lost = self._refreshing = False
        self._changed = threading.Condition()

    @property
    def must_close(self) -> bool:
        """Whether the owner of an open stream should close and reopen it; polled often."""
        return self._refreshing

    @contextmanager
    def one_more(self) -> Iterator[bool]:
        """Wraps the lifetime of a stream; yields whether a device was lost since the devices were listed."""
        with self._changed:
            self._changed.wait_for(lambda: not self._refreshing, _YIELD_S)
            lost = self._lost
            if lost:
                self._refresh()
            self._open += 1
        try:
            yield lost
        except Exception:
            self._lost = True
            raise
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def _refresh(self) -> None:
        """Lists the devices again, unless a stream stays open; then the next stream tries again."""
        self._refreshing = True
        try:
            if self._changed.wait_for(lambda: self._open == 0, _YIELD_S):
                library = sounddevice()
                with quiet_stderr():
                    library._terminate()
                    library._initialize()
                self._lost = False
        finally:
            self._refreshing = False
            self._changed.notify_all()


STREAMS = Streams()
"""One for the process, since there is one PortAudio."""


def _default(kind: Kind, able: list[dict[str, Any]]) -> dict[str, Any]:
    index = sounddevice().default.device[kind]
    return dict(next((info for info in able if info["index"] == index), able[0]))


def _fits(info: dict[str, Any], wanted: str | int) -> bool:
    if isinstance(wanted, int) or wanted.strip().isdigit():
        return int(info["index"]) == int(wanted)
    return wanted.strip().casefold() in str(info["name"]).casefold()


def _line(info: dict[str, Any]) -> str:
    roles = [role for role, kind in (("hears", "input"), ("plays", "output")) if info[f"max_{kind}_channels"] > 0]
    return f"{info['index']}: {info['name']} ({' and '.join(roles) or 'neither records nor plays'})"
