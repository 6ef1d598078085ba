"""A stand-in for the sounddevice module: devices as a test lists them, streams that hand over what a test scripted."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

MICROPHONE = {"name": "Desk Mic", "max_input_channels": 2, "max_output_channels": 0, "default_samplerate": 48_000.0}
HEADSET = {"name": "USB Headset", "max_input_channels": 1, "max_output_channels": 2, "default_samplerate": 16_000.0}
MONITOR = {"name": "Monitor", "max_input_channels": 0, "max_output_channels": 8, "default_samplerate": 44_100.0}


class PortAudioError(Exception):
    """As sounddevice raises it."""


class CallbackStop(Exception):  # noqa: N818
    """As sounddevice's callbacks raise it."""


class FakeSoundDevice:
    """Enough of sounddevice for a microphone and a loudspeaker. PortAudio finds new devices when it starts anew."""

    PortAudioError, CallbackStop = PortAudioError, CallbackStop

    def __init__(self, *plugged_in: dict[str, Any]) -> None:
        self.plugged_in = list(plugged_in)
        self.default = SimpleNamespace(device={"input": 0, "output": 0})
        self.recorded: Sequence[tuple[Any, bool]] = ()
        """Blocks, shape (n, channels), that each microphone stream hands over; whether sound was lost before each."""
        self.played: list[Any] = []
        self.open = self.restarts = 0
        self.stuck = False
        self._initialize()
        self.restarts = 0

    def _terminate(self) -> None:
        assert self.open == 0, "PortAudio must not be ended under an open stream"

    def _initialize(self) -> None:
        self.restarts += 1
        self._listed = [{**info, "index": index} for index, info in enumerate(self.plugged_in)]

    def query_devices(self) -> list[dict[str, Any]]:
        return self._listed

    def check_input_settings(self, **settings: Any) -> None:
        if settings["channels"] not in self._listed[settings["device"]].get("takes", (1, 2)):
            raise PortAudioError("Invalid number of channels", -9998)

    def InputStream(self, **settings: Any) -> FakeStream:  # noqa: N802
        def run(stream: FakeStream) -> None:
            for block, lost in self.recorded:
                settings["callback"](block, len(block), None, SimpleNamespace(input_overflow=lost))

        return FakeStream(self, settings, run)

    def OutputStream(self, **settings: Any) -> FakeStream:  # noqa: N802
        def run(stream: FakeStream) -> None:
            while not self.stuck:
                out = np.full((480, settings["channels"]), np.nan, np.float32)
                try:
                    settings["callback"](out, 480, None, None)
                except CallbackStop:
                    settings["finished_callback"]()
                    return
                finally:
                    self.played.append(out)

        return FakeStream(self, settings, run)


class FakeStream:
    """One open stream; PortAudio prints to standard error by itself, and so does this."""

    def __init__(self, card: FakeSoundDevice, settings: dict[str, Any], run: Callable[[FakeStream], None]) -> None:
        os.write(2, b"ALSA lib pcm.c:8526:(snd_pcm_recover) underrun occurred\n")
        if card.query_devices()[settings["device"]]["name"] not in [info["name"] for info in card.plugged_in]:
            raise PortAudioError("Error opening stream: Device unavailable [PaErrorCode -9985]", -9985)
        self._card, self._run, self.settings, self.active, self.aborted = card, run, settings, True, False

    def __enter__(self) -> FakeStream:
        self._card.open += 1
        self._run(self)
        return self

    def __exit__(self, *_error: object) -> None:
        self._card.open -= 1

    def abort(self) -> None:
        self.aborted = True
