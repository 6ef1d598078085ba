"""Chooses the Whisper model: the one in the settings, or for `auto` the largest that keeps up on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.compose.settings import Settings

if TYPE_CHECKING:
    from agent.adapters.whisper import Whisper

AUTO = "auto"
TEST_CLIP = "metrics-strong.ogg"
"""A file of audio_fixtures/ with 20 to 30 s of speech, also in the wheel."""


def whisper_name(settings: Settings) -> str:
    """The model's size or folder. For `auto` it may take a minute the first time. Raises ModelError."""
    if settings.whisper_model != AUTO:
        return settings.whisper_model
    from agent.adapters.whisper_speed import choose, installed

    machine = f"{settings.whisper_device} {settings.whisper_compute_type} {settings.threads}"
    return choose(lambda name: speed(settings, name), machine, installed())


def whisper(settings: Settings, name: str) -> Whisper:
    """Builds that model with the device and type of the settings."""
    from agent.adapters.whisper import Whisper

    return Whisper(
        model=name,
        device=settings.whisper_device,
        compute_type=settings.whisper_compute_type,
        threads=settings.threads,
    )


def speed(settings: Settings, name: str) -> float:
    """Measures how many times faster than speech this machine transcribes with that model. Raises ModelError."""
    from agent.adapters.audio_file import read_clip
    from agent.adapters.whisper_speed import times_real_time
    from agent.compose.question_bank import shipped

    return times_real_time(whisper(settings, name), read_clip(shipped("audio_fixtures", TEST_CLIP) / TEST_CLIP))


def speeds(settings: Settings) -> dict[str, float]:
    """The same for each size on this machine. Raises ModelError."""
    from agent.adapters.whisper_speed import measured

    return dict(measured(lambda name: speed(settings, name)))
