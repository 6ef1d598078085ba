"""The system's voice by pyttsx3, in a child process that can be killed.

pyttsx3 never plays audio itself, since its playback returns early or not at all. It writes a file, which is checked for
completeness.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent.adapters.sound_file import load
from agent.logic.speech.speakable import letters_joined
from agent.values.audio import Clip
from agent.values.errors import InputError, VoiceError

_CHILD = (sys.executable, "-P", str(Path(__file__).with_name("pyttsx3_child.py")))
_SILENT_RATE = 22_050
_LETTERS_PER_WORD = 5


class Pyttsx3Voice:
    """Speaks with what the operating system offers: espeak-ng, SAPI5 or NSSpeechSynthesizer."""

    def __init__(
        self,
        voice: str | None = None,
        words_per_minute: int = 170,
        *,
        timeout_s: float = 30.0,
        command: Sequence[str] = _CHILD,
    ) -> None:
        if not 80 <= words_per_minute <= 450:
            raise InputError(f"A voice speaks 80 to 450 words per minute, not {words_per_minute}.")
        self._voice = voice
        self._words_per_minute = words_per_minute
        self._timeout_s = timeout_s
        self._command = tuple(command)

    @property
    def name(self) -> str:
        """Engine and voice, as shown to the user."""
        return f"pyttsx3 ({self._voice or 'system voice'})"

    def voices(self) -> list[str]:
        """Names of the installed voices, any of which may be chosen."""
        return [voice["name"] for voice in self._ask({"do": "voices"})["voices"]]

    def warm(self) -> None:
        """Does nothing: each sentence is spoken by its own process."""

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        """Speech for text that is already in spoken form; an empty clip if there is nothing to say."""
        said = "".join(char if char.isprintable() else " " for char in letters_joined(text)).strip()
        letters = sum(char.isalnum() for char in said)
        if not letters:
            return Clip(samples=np.zeros(0, dtype=np.float32), rate=_SILENT_RATE)
        with tempfile.TemporaryDirectory(prefix="mock-interview-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / ("speech.aiff" if sys.platform == "darwin" else "speech.wav")
            rate = round(self._words_per_minute * speed)
            self._ask({"do": "save", "text": said, "path": str(path), "voice": self._voice, "rate": rate})
            clip = read_speech(path)
        self._prove_whole(clip, letters / _LETTERS_PER_WORD * 60 / rate)
        return clip

    def _prove_whole(self, clip: Clip, expected_s: float) -> None:
        """Raises VoiceError for a clip shorter than a third of the usual length: no
        voice is so fast, so the engine stopped early.
        """
        if clip.seconds < expected_s / 3 or clip.peak < 0.01:
            raise _failure(
                f"The system's voice produced {clip.seconds:.1f} s of audio at level {clip.peak:.2f} for a text of "
                f"about {expected_s:.0f} s"
            )

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            done = subprocess.run(
                self._command, input=json.dumps(request).encode(), capture_output=True, timeout=self._timeout_s
            )
        except subprocess.TimeoutExpired as error:
            raise _failure(f"The system's voice did not answer within {self._timeout_s:g} s") from error
        except OSError as error:
            raise _failure(f"The system's voice cannot be started: {error}") from error
        return _reply(done)


def _reply(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    try:
        reply = json.loads(done.stdout)
    except ValueError as error:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        last = said[-1] if said else "no message"
        raise _failure(f"The system's voice crashed (status {done.returncode}): {last}") from error
    if "error" in reply:
        raise _failure(f"The system's voice failed: {_one_line(reply['error'])}")
    return dict(reply)


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _failure(what: str) -> VoiceError:
    own = {
        "linux": "Install espeak-ng (Debian: sudo apt install espeak-ng)",
        "darwin": "Check System Settings, Spoken Content",
    }
    fix = own.get(sys.platform, "Check the speech settings of Windows")
    return VoiceError(f"{what}. {fix}, or choose the Piper voice.", "system-voice")


def read_speech(path: Path) -> Clip:
    """The file as float32 mono; macOS writes AIFF whatever the name says. Raises VoiceError if it is incomplete."""
    try:
        clip = load(path)
    except (OSError, ValueError) as error:
        raise _failure(f"The system's voice wrote no usable audio: {error}") from error
    if not len(clip.samples):
        raise _failure("The system's voice wrote no usable audio: the file is empty")
    return clip
