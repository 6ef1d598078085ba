"""What runs for as long as an interview: its setup, and the threads that transcribe and speak."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from agent.interview.setup import InterviewSetup
from agent.interview.speech_player import SpeechPlayer
from agent.interview.streaming_transcriber import StreamingTranscriber


@dataclass(frozen=True)
class InterviewRuntime:
    """One interview's setup, streaming transcriber and speech player. Close it after use."""

    setup: InterviewSetup
    streaming: StreamingTranscriber
    player: SpeechPlayer

    @classmethod
    def of(cls, setup: InterviewSetup) -> InterviewRuntime:
        """Starts the two threads."""
        streaming = StreamingTranscriber(setup.transcriber, setup.style.live, setup.controls)
        return cls(setup, streaming, SpeechPlayer(setup.voice, setup.speaker, setup.controls))

    def close(self) -> None:
        """Ends the threads, and the listening while the agent speaks."""
        with ExitStack() as stack:
            for part in (self.streaming, self.player, self.setup.barge_in):
                if part is not None:
                    stack.callback(part.close)
