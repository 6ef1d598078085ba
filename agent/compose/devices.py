"""Microphones and loudspeakers: of this machine, of files, and of a web page. Opens none before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.adapters.browser_microphone import BrowserMicrophone
    from agent.adapters.browser_speaker import BrowserSpeaker
    from agent.adapters.wav_file import WavSpeaker
    from agent.compose.settings import Settings
    from agent.logic.ports import Microphone, Speaker
    from agent.values.selection import Selection


def sound_card(settings: Settings) -> tuple[Microphone, Speaker]:
    """The microphone and loudspeaker of this machine. Raises DeviceError when one is missing."""
    from agent.adapters.loudspeaker import SoundCardSpeaker

    # Now rather than at the first word: a missing microphone is reported before anything is asked or loaded.
    microphone_name(settings)
    loudspeaker_name(settings)
    if not settings.interrupt:
        return plain_microphone(settings), SoundCardSpeaker(settings.speaker)
    from agent.adapters.echo_canceler import EchoCanceler, EchoCancelingMicrophone

    room = EchoCanceler()
    microphone = EchoCancelingMicrophone(plain_microphone(settings), room)
    return microphone, SoundCardSpeaker(settings.speaker, room.played)


def plain_microphone(settings: Settings) -> Microphone:
    """The microphone of this machine, without echo cancellation."""
    from agent.adapters.microphone import SoundCardMicrophone

    return SoundCardMicrophone(settings.microphone)


def default_loudspeaker() -> Speaker:
    """The system's loudspeaker. Raises DeviceError when there is none."""
    from agent.adapters.loudspeaker import SoundCardSpeaker
    from agent.adapters.portaudio import loudspeaker

    loudspeaker()
    return SoundCardSpeaker()


def microphone_name(settings: Settings) -> str:
    """The microphone that an interview would use. Raises DeviceError or InputError if there is none."""
    from agent.adapters.portaudio import microphone

    return microphone(settings.microphone)


def loudspeaker_name(settings: Settings) -> str:
    """The loudspeaker that an interview would use. Raises DeviceError or InputError if there is none."""
    from agent.adapters.portaudio import loudspeaker

    return loudspeaker(settings.speaker)


def names() -> list[str]:
    """One line for each device of this machine. Raises DeviceError."""
    from agent.adapters.portaudio import devices

    return devices()


def recordings(files: Sequence[Path], selections: Sequence[Selection]) -> Microphone:
    """A microphone that plays one file for each answer."""
    from agent.adapters.recordings import Recordings

    return Recordings(files, selections)


def wav_speaker(folder: Path, aloud: Speaker | None) -> WavSpeaker:
    """Saves what the agent says, and plays it if there is `aloud`. Raises DeviceError."""
    from agent.adapters.wav_file import WavSpeaker

    return WavSpeaker(folder, aloud)


def page(waiting: Callable[[], bool]) -> tuple[BrowserMicrophone, BrowserSpeaker]:
    """Those of a web page; `waiting` says whether the interview is paused."""
    from agent.adapters.browser_microphone import BrowserMicrophone
    from agent.adapters.browser_speaker import BrowserSpeaker

    return BrowserMicrophone(waiting), BrowserSpeaker()
