"""Whisper by faster-whisper: audio in, words with times and probabilities out.

Whisper invents text on near-silence and repeats itself with confidence. So audio without speech never reaches it, and
segments that its own measures call doubtful are dropped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from agent.adapters.onnx_session import available_threads
from agent.adapters.silero_vad import speech_parts
from agent.adapters.whisper_model import model_id, model_path
from agent.logic.speech.hotwords import Interval, doubtful, leaks_prompt, reconcile, stopped_early
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.errors import ModelError
from agent.values.provenance import ModelId
from agent.values.transcript import Transcript, Word

LEAST_SPEECH_S = 0.25
"""Seconds of speech below which a clip has no answer."""
SURE_OF_LANGUAGE = 0.8
"""Minimum probability for a language other than English."""
MOST_TERMS = 30
"""Maximum number of glossary terms used as hotwords, the first ones; each makes decoding slower."""
SILENCE_KEPT = 200
"""Frames of 10 ms that the encoder reads after the end of a clip; reading all
of the padding, up to 30 s, would cost far more.
"""
LEAST_FRAMES = 1500
"""Minimum number of frames that the encoder reads: with fewer, a short
utterance ("stop the interview") is transcribed twice.
"""
LONG_S = 60.0
"""Longer clips, which are recordings, are cut at pauses and decoded several segments at once."""
_AT_ONCE = 8
_MOST_TOKENS = 215
"""Maximum number of tokens of one segment of up to 30 s; the rest of the decoder's 448 is for the hotwords."""
_TOKENS_A_SECOND, _TOKENS_SPARE = 10, 16
"""Maximum number of tokens for a second of sound, and beside them. Fast speech has 7 a second. A decoder that repeats
itself would go on to the end of its window: 16 s of work for a second of sound.
"""
_RAN_ON = 0.75
"""Share of these tokens above which a decoder probably repeated itself, even if its text does not look like it yet."""
_MOST_ALIKE = 2.4
"""Compression ratio above which a segment repeats itself (Radford et al., 2022)."""


class Whisper:
    """One loaded model; loads on first use."""

    def __init__(
        self,
        model: str = "base",
        device: str = "auto",
        compute_type: str = "default",
        language: str | None = None,
        threads: int = 0,
    ) -> None:
        """`language` None detects the language; `threads` 0 chooses for this machine."""
        self._name = model
        self._path = model_path(model)
        self._device = device
        self._compute_type = compute_type
        self._language = language
        self._threads = threads or available_threads()

    @cached_property
    def _model(self) -> Any:
        compute = self._compute_type
        if compute == "default" and self._device in ("auto", "cpu"):
            compute = "auto" if self._device == "auto" else "int8"
        try:
            # Without its tokenizer the library would silently download one from the hub.
            (self._path / "tokenizer.json").stat()
            return _without_padding()(
                str(self._path),
                device=self._device,
                compute_type=compute,
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except Exception as error:  # its loaders raise anything from ValueError to a hub's HTTP errors
            raise ModelError(
                f"The Whisper model '{self._path}' cannot be loaded ({_first_line(error)}); "
                "use the model base, or give another folder",
                "whisper-model",
            ) from error

    @cached_property
    def id(self) -> ModelId:
        """The transcriber's name in transcripts; read once, with the model."""
        return model_id(self._name, self._path)

    def warm(self) -> None:
        """Loads the model now, so that the first answer is transcribed at once."""
        _ = self._model, self.id

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        """Words of a 16 kHz clip; none for silence or noise. Raises ModelError.

        The glossary's terms are used as hotwords, and transcribed only where the audio supports them.
        """
        if clip.rate != WHISPER_RATE:
            raise ValueError(f"Whisper needs {WHISPER_RATE} Hz, not {clip.rate}")
        speech = speech_parts(clip)
        if sum(end - start for start, end in speech) < LEAST_SPEECH_S:
            return Transcript(duration_s=clip.seconds, transcriber=self.id)
        model = self._model
        try:
            return self._transcribed(model, clip, glossary, speech)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise ModelError(
                f"Whisper failed on {clip.seconds:.0f} s of audio ({_first_line(error)}); "
                "try the CPU instead of the GPU, or a smaller model",
                "whisper-device",
            ) from error

    def _transcribed(self, model: Any, clip: Clip, glossary: Sequence[str], speech: Sequence[Interval]) -> Transcript:
        hotwords = ", ".join(glossary[:MOST_TERMS]) or None
        segments, info = _decoded(model, clip, self._language, hotwords)
        if self._language is None and info.language != "en" and info.language_probability < SURE_OF_LANGUAGE:
            # Accents are often mistaken for another language; only a confident guess may leave an answer ungraded.
            segments, info = _decoded(model, clip, "en", hotwords)
        parts = list(segments)
        words = list(_words(parts))
        ran_on = sum(len(part.tokens) for part in parts) > _RAN_ON * _most_tokens(clip)
        loops = ran_on or any(_loops(part) for part in parts)
        if loops or leaks_prompt(words, glossary) or stopped_early(words, speech):
            # The text repeats itself, the prompt leaked, or decoding stopped early: the real words are lost.
            words = list(_words(_decoded(model, clip, info.language, None, careful=True)[0]))
        elif doubtful(words, glossary):
            words = reconcile(words, list(_words(_decoded(model, clip, info.language, None)[0])), glossary)
        return Transcript(
            words=tuple(words),
            language=info.language,
            language_probability=float(info.language_probability),
            duration_s=clip.seconds,
            transcriber=self.id,
        )


def _without_padding() -> Any:
    """faster-whisper's model with an encoder that skips the zeros that pad a short clip to 30 s.

    Self-attention over padding is most of the cost of a clip of a few seconds (whisper.cpp's `audio_ctx`). And audio
    that was just encoded is not encoded again: neither for the words after the language detection, nor for a second
    decoding.
    """
    from faster_whisper import WhisperModel

    class WithoutPadding(WhisperModel):  # type: ignore[misc]  # it comes without types
        _latest: tuple[Any, Any] | None = None

        def encode(self, features: Any) -> Any:
            sounding, latest = unpadded(features), self._latest
            if latest is None or not np.array_equal(latest[0], sounding):
                latest = self._latest = sounding, super().encode(sounding)
            return latest[1]

        def detect_language(self, audio: Any = None, features: Any = None, **more: Any) -> Any:
            # Decoding leaves the last frame out, so this must too, or the same audio would look different.
            return super().detect_language(audio, None if features is None else features[..., :-1], **more)

    return WithoutPadding


def unpadded(features: Any) -> Any:
    """Features, (..., bands, frames), without the zeros at their end, except for
    SILENCE_KEPT and at least LEAST_FRAMES in total.
    """
    sounding = np.flatnonzero(features.any(axis=tuple(range(features.ndim - 1))))
    used = int(sounding[-1]) + 1 if sounding.size else 0
    kept = max(LEAST_FRAMES, used + SILENCE_KEPT + used % 2)  # the encoder halves the frames
    return np.ascontiguousarray(features[..., :kept])


def _decoded(
    model: Any, clip: Clip, language: str | None, hotwords: str | None, careful: bool = False
) -> tuple[Iterable[Any], Any]:
    """Segments as they are decoded during iteration, and information about the clip.

    Skips the attempts at higher temperatures, which pays for the glossary in the prompt; `careful` includes them.
    """
    settings: dict[str, Any] = {"max_new_tokens": min(_MOST_TOKENS, _most_tokens(clip))}
    if not careful:
        settings |= {"beam_size": 5, "temperature": 0.0}
    transcribe = model.transcribe
    if clip.seconds > LONG_S and not careful:
        from faster_whisper import BatchedInferencePipeline

        transcribe = BatchedInferencePipeline(model=model).transcribe
        settings["batch_size"] = _AT_ONCE
    segments, info = transcribe(
        clip.samples,
        language=language,
        word_timestamps=True,
        vad_filter=True,
        vad_parameters={"min_silence_duration_ms": 1000, "speech_pad_ms": 300},
        condition_on_previous_text=False,
        hotwords=hotwords,
        **settings,
    )
    return segments, info


def _most_tokens(clip: Clip) -> int:
    """The most tokens that anybody could speak in a clip."""
    return _TOKENS_SPARE + round(_TOKENS_A_SECOND * clip.seconds)


def _words(segments: Iterable[Any]) -> Iterable[Word]:
    for segment in segments:
        doubtful = segment.no_speech_prob > 0.6 and segment.avg_logprob < -1.0
        if doubtful or _loops(segment):
            continue
        for word in segment.words or ():
            if word.word.strip():
                yield Word(
                    text=word.word.strip(),
                    start_s=round(float(word.start), 3),
                    end_s=round(float(word.end), 3),
                    probability=min(1.0, max(0.0, _finite(word.probability))),
                )


def _loops(segment: Any) -> bool:
    return bool(segment.compression_ratio > _MOST_ALIKE)


def _finite(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
