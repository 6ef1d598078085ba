"""The loudspeaker and the microphone, by PortAudio; the only file that knows sounddevice.

PortAudio's thread only copies blocks; everything else happens in the caller's thread, which waits in short steps so
that Ctrl-C works at any time. Both devices run at their own rate and are resampled: many refuse any other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.errors import DeviceError, InputError

_DEMO = "or try it without a sound card: make demo"
_BLOCK_S = 0.032
_STEP_S = 0.1
_ASK_S = 0.02
"""Seconds between two looks at whether the candidate interrupts."""
_GONE_S = 2.0
"""Seconds without any sound moving after which a device counts as gone."""
_MUTED_S = 8.0
"""Seconds of exact zeros that mean a muted or forbidden microphone; noise suppression gives shorter runs of them."""
_LEAD_S = 0.05
_TAIL_S = 0.2
"""Silence played around each clip: devices swallow the first and the last moments of a stream."""

Device = str | int | None
"""Part of a device's name, its number, or None for the system's default."""


def devices() -> list[str]:
    """One line for each device: its number, name, and whether it hears, plays or both."""
    with _translated("The sound devices cannot be listed"):
        return [_line(info) for info in _sounddevice().query_devices()]


def loudspeaker(device: Device = None) -> str:
    """The name of the loudspeaker that would be used. Raises DeviceError or InputError when there is none."""
    with _translated("The loudspeaker cannot be used"):
        return str(_chosen("output", device)["name"])


def microphone(device: Device = None) -> str:
    """The name of the microphone that would be used. Raises DeviceError or InputError when there is none."""
    with _translated("The microphone cannot be used"):
        return str(_chosen("input", device)["name"])


class _Streams:
    """The streams that are open. PortAudio lists the devices when it starts, and only then.

    After a device was lost it is started anew, so that one that is plugged in again is found; that is allowed only
    while nothing is open.
    """

    def __init__(self) -> None:
        self._open = 0
        self._lost = False
        self._guard = threading.Lock()

    @contextmanager
    def one_more(self) -> Iterator[bool]:
        """Around the life of a stream; whether a device was lost before it, since the devices were listed."""
        with self._guard:
            lost = self._lost
            if lost and self._open == 0:
                sounddevice = _sounddevice()
                sounddevice._terminate()
                sounddevice._initialize()
                self._lost = False
            self._open += 1
        try:
            yield lost
        except Exception:
            self._lost = True
            raise
        finally:
            with self._guard:
                self._open -= 1


_STREAMS = _Streams()
"""One for the process, as PortAudio is."""


class SoundCardSpeaker:
    """Plays clips on a loudspeaker."""

    def __init__(self, device: Device = None) -> None:
        self._device = device
        self._stopped = threading.Event()

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """True when the last sample was heard; False soon after `until` became true, or stop()."""
        self._stopped.clear()
        with _translated("The loudspeaker cannot be used"), _STREAMS.one_more():
            return self._play(clip, until)

    def _play(self, clip: Clip, until: Callable[[], bool] | None) -> bool:
        sounddevice = _sounddevice()
        info = _chosen("output", self._device)
        rate = int(info["default_samplerate"])
        channels = min(2, int(info["max_output_channels"]))
        source = _Source(_padded(_resampled(clip, rate), rate))
        with sounddevice.OutputStream(
            device=info["index"],
            samplerate=rate,
            channels=channels,
            dtype="float32",
            latency=0.2,
            callback=source.fill,
            finished_callback=source.finished.set,
        ) as stream:
            self._wait(source, stream, until)
        return source.finished.is_set() and not self._stopped.is_set()

    def stop(self) -> None:
        """Ends what is being played; may be called from any thread."""
        self._stopped.set()

    def _wait(self, source: _Source, stream: Any, until: Callable[[], bool] | None) -> None:
        last, moved = -1, time.monotonic()
        try:
            while not source.finished.wait(_STEP_S if until is None else _ASK_S) and not self._stopped.is_set():
                if until is not None and until():
                    self._stopped.set()
                if source.position != last:
                    last, moved = source.position, time.monotonic()
                elif time.monotonic() - moved > _GONE_S:
                    raise DeviceError(
                        f"The loudspeaker takes no more sound. Plug it in again, choose another, {_DEMO}."
                    )
        finally:
            # Closing would wait until all is played; after Ctrl-C or an interruption nobody wants to hear it.
            if self._stopped.is_set() or not source.finished.is_set():
                stream.abort()


class _Source:
    """Hands a clip to PortAudio block by block."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.position = 0
        self.finished = threading.Event()

    def fill(self, out: Any, frames: int, _time: Any, _status: Any) -> None:
        """PortAudio's callback."""
        block = self._samples[self.position : self.position + frames]
        out[: len(block)] = block[:, np.newaxis]
        out[len(block) :] = 0
        self.position += len(block)
        if len(block) < frames:
            raise _sounddevice().CallbackStop


class _Block(NamedTuple):
    """What PortAudio hands over at once."""

    samples: Samples
    after_gap: bool
    """PortAudio lost sound just before it."""


class SoundCardMicrophone:
    """Hears through a microphone."""

    def __init__(self, device: Device = None, *, muted_s: float | None = _MUTED_S) -> None:
        self._device = device
        self._muted_s = muted_s
        self._alive = False

    def frames(self) -> Generator[Clip, None, None]:
        """Frames of 32 ms at 16 kHz until the consumer stops. The device is open only meanwhile.

        After it was lost its next frames come from wherever it, or another device of that name, is plugged in by then.
        """
        with _translated("The microphone cannot be used"), _STREAMS.one_more() as lost:
            try:
                yield from self._frames()
            except InputError as error:
                if not lost:
                    raise
                raise DeviceError(f"The microphone went away. {error}") from error

    def _frames(self) -> Generator[Clip, None, None]:
        sounddevice = _sounddevice()
        blocks: queue.SimpleQueue[_Block] = queue.SimpleQueue()

        def copy(block: Any, _frames: int, _time: Any, status: Any) -> None:
            blocks.put(_Block(block.copy(), bool(status.input_overflow)))

        info = _chosen("input", self._device)
        rate, channels = _input_format(info)
        with sounddevice.InputStream(
            device=info["index"],
            samplerate=rate,
            channels=channels,
            dtype="float32",
            blocksize=round(rate * _BLOCK_S),
            callback=copy,
        ) as stream:
            yield from _framed(self._heard(blocks, stream, rate), rate)

    def _heard(self, blocks: queue.SimpleQueue[_Block], stream: Any, rate: int) -> Iterator[_Block]:
        """Mono blocks at the device's rate, as long as it lives and is not muted."""
        zeros = 0
        while True:
            block, after_gap = _next(blocks, stream)
            # Broken drivers hand out memory as it was: nothing beyond full scale is sound.
            mono = np.clip(np.nan_to_num(block.mean(axis=1, dtype=np.float32)), -1.0, 1.0)
            zeros = 0 if mono.any() else zeros + len(mono)
            # Noise gates send zeros between words: only a device that never gave anything else counts as muted.
            self._alive = self._alive or zeros == 0
            if not self._alive and self._muted_s is not None and zeros > self._muted_s * rate:
                raise DeviceError(
                    "The microphone gives only silence: unmute it, allow this program to use the microphone in the "
                    f"system's privacy settings, choose another device, {_DEMO}."
                )
            yield _Block(mono, after_gap)


def _next(blocks: queue.SimpleQueue[_Block], stream: Any) -> _Block:
    for _ in range(round(_GONE_S / _STEP_S)):
        try:
            return blocks.get(timeout=_STEP_S)
        except queue.Empty:
            if not stream.active and blocks.empty():
                break
    raise DeviceError("The microphone went away: nothing arrives from it. Plug it in again.")


def _framed(blocks: Iterator[_Block], rate: int) -> Generator[Clip, None, None]:
    """The blocks at 16 kHz, cut to frames of one length; the first frame from after a gap says so."""
    import soxr

    resampler = soxr.ResampleStream(rate, WHISPER_RATE, 1, dtype="float32")
    rest: Samples = np.zeros(0, dtype=np.float32)
    gap = False
    for samples, after_gap in blocks:
        rest = np.concatenate([rest, samples if rate == WHISPER_RATE else resampler.resample_chunk(samples)])
        gap = gap or after_gap
        while len(rest) >= FRAME:
            yield Clip(samples=rest[:FRAME], rate=WHISPER_RATE, after_gap=gap)
            rest, gap = rest[FRAME:], False


def _resampled(clip: Clip, rate: int) -> Samples:
    import soxr

    samples = clip.samples if clip.rate == rate else soxr.resample(clip.samples, clip.rate, rate)
    return np.asarray(np.clip(samples, -1.0, 1.0), dtype=np.float32)


def _padded(samples: Samples, rate: int) -> Samples:
    return np.pad(samples, (round(_LEAD_S * rate), round(_TAIL_S * rate)))


def _input_format(info: dict[str, Any]) -> tuple[int, int]:
    """Rate and channels that the device accepts: its own rate, and one channel where it allows that."""
    sounddevice = _sounddevice()
    rate = int(info["default_samplerate"])
    try:
        sounddevice.check_input_settings(device=info["index"], channels=1, dtype="float32", samplerate=rate)
    except sounddevice.PortAudioError:
        return rate, int(info["max_input_channels"])
    return rate, 1


def _chosen(kind: str, wanted: Device) -> dict[str, Any]:
    """The device of a kind, "input" or "output": the default one, or the first that fits number or name."""
    every = list(_sounddevice().query_devices())
    able = [info for info in every if info[f"max_{kind}_channels"] > 0]
    role = {"input": "microphone", "output": "loudspeaker"}[kind]
    if not able:
        raise DeviceError(f"There is no {role} on this machine. Connect one, {_DEMO}.")
    if wanted is None or wanted == "":
        return _default(kind, able)
    fitting = [info for info in able if _fits(info, wanted)]
    if not fitting:
        there = "; ".join(f"{info['index']}: {info['name']}" for info in able)
        raise InputError(f"No {role} is called {wanted!r}. There is: {there}.")
    return dict(fitting[0])


def _default(kind: str, able: list[dict[str, Any]]) -> dict[str, Any]:
    sounddevice = _sounddevice()
    index = sounddevice.default.device[kind]
    return dict(next((info for info in able if info["index"] == index), able[0]))


def _fits(info: dict[str, Any], wanted: str | int) -> bool:
    if isinstance(wanted, int) or wanted.strip().isdigit():
        return int(info["index"]) == int(wanted)
    return wanted.strip().casefold() in str(info["name"]).casefold()


def _line(info: dict[str, Any]) -> str:
    roles = [role for role, kind in (("hears", "input"), ("plays", "output")) if info[f"max_{kind}_channels"] > 0]
    return f"{info['index']}: {info['name']} ({' and '.join(roles) or 'neither hears nor plays'})"


def _sounddevice() -> Any:
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        raise DeviceError(
            "PortAudio, which plays and records sound, is missing. On Debian or Ubuntu: sudo apt install libportaudio2;"
            f" on macOS and Windows: pip install --force-reinstall sounddevice; {_DEMO}."
        ) from error
    return sounddevice


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """PortAudio's errors become ours, in one line."""
    sounddevice = _sounddevice()
    try:
        yield
    except sounddevice.PortAudioError as error:
        reason = " ".join(str(error.args[0] if error.args else error).split())
        raise DeviceError(f"{what}: {reason}. Choose another device, {_DEMO}.") from error
