"""The one tree of errors that the program raises on purpose.

MockInterviewError          every message: what happened, why, what to do next
├── InputError              something that the user gave cannot be used (exit status 2)
│   ├── RubricError         a rubric file is wrong: file, line, key, and what would be right
│   └── AudioError          a recording is empty, silent, cut short or not audio
│       └── ChoiceError     different people are on its channels or tracks: the user must choose one
├── DeviceError             microphone, loudspeaker or PortAudio
├── VoiceError              a speech synthesizer
├── ModelError              weights are missing, damaged or cannot be loaded
├── StoreError              the sessions on record cannot be read or written
├── EngineError             the processes or the cluster that a batch runs on cannot be used
└── EndpointError           the configured LLM endpoint refused or failed for good
"""

from __future__ import annotations

from typing import Literal


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


class ChoiceError(AudioError):
    """Different people are on the channels or tracks of a recording, and one must be chosen."""

    def __init__(self, message: str, *, what: Literal["track", "channel"], numbers: tuple[int, ...]) -> None:
        super().__init__(message)
        self.what = what
        """What must be chosen: tracks or channels."""
        self.numbers = numbers
        """The numbers of those with speech, from 1."""


class DeviceError(MockInterviewError):
    """Microphone, loudspeaker or PortAudio is missing or failed."""


class VoiceError(MockInterviewError):
    """A speech synthesizer is missing or failed."""


class ModelError(MockInterviewError):
    """Model weights are missing, damaged or cannot be loaded."""


class StoreError(MockInterviewError):
    """The sessions on record cannot be read or written."""


class EngineError(MockInterviewError):
    """The processes or the cluster that a batch runs on cannot be used."""


class EndpointError(MockInterviewError):
    """The configured LLM endpoint refused or failed for good."""


class NoReplyError(EndpointError):
    """The endpoint gave no usable reply this time; the same request may succeed later."""
