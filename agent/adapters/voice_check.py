"""Transcribes recordings and also looks for a second voice in them."""

from __future__ import annotations

from collections.abc import Sequence

from agent.adapters.silero_vad import speech_parts
from agent.logic.ports import Transcriber
from agent.logic.speech.second_voice import second_voice
from agent.values.audio import Clip
from agent.values.transcript import Transcript


class VoiceCheckingTranscriber:
    """A transcriber for recordings in which someone other than the candidate may speak. Implements Transcriber."""

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber

    def warm(self) -> None:
        """Loads the transcriber's model. Raises ModelError."""
        self._transcriber.warm()

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        """The words of a 16 kHz clip, with the second voice if there is one. Raises ModelError."""
        transcript = self._transcriber.transcribe(clip, glossary)
        if not transcript.words:
            return transcript
        found = second_voice(clip, speech_parts(clip))
        return transcript.model_copy(update={"others_may_speak": True, "second_voice": found})
