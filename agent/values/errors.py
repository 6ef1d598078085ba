"""The one tree of errors that the program raises on purpose; it knows nothing of how they are shown.

MockInterviewError          every message: what happened, why, what to do next
├── InputError              something that the user gave cannot be used (exit status 2)
│   ├── RubricError         a rubric file is wrong: file, line, key, and what would be right
│   └── AudioError          a recording is empty, silent, cut short or not audio
├── DeviceError             microphone, loudspeaker or PortAudio
├── VoiceError              a speech synthesizer
├── ModelError              weights are missing, damaged or cannot be loaded
├── StoreError              the sessions on record cannot be read or written
└── EndpointError           the configured LLM endpoint refused or failed for good
"""

from __future__ import annotations


class MockInterviewError(Exception):
    """Base of all errors with a message meant for the user.

    `code` names what to change, so that a shell can add the option or variable that changes it; None when there is
    none.
    """

    def __init__(self, message: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class InputError(MockInterviewError):
    """Something that the user gave cannot be used."""


class RubricError(InputError):
    """A rubric file does not follow the format."""


class AudioError(InputError):
    """A recording cannot be graded as it is."""


class DeviceError(MockInterviewError):
    """Microphone, loudspeaker or PortAudio is missing or failed."""


class VoiceError(MockInterviewError):
    """A speech synthesizer is missing or failed."""


class ModelError(MockInterviewError):
    """Model weights are missing, damaged or cannot be loaded."""


class StoreError(MockInterviewError):
    """The sessions on record cannot be read or written."""


class EndpointError(MockInterviewError):
    """The configured LLM endpoint refused or failed for good."""
