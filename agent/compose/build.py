"""The one place where adapters are chosen: from settings to what an interview, or the grading of an answer, needs.

Models load on first use, so building is cheap. Nothing here uses the network. A caller that saves an interview wraps
the microphone afterwards (agent/shell/saving.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.compose.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from agent.interview.setup import InterviewSetup, Style
    from agent.logic.ports import BargeIn, FollowUp, Grader, Microphone, Speaker, Transcriber, Voice
    from agent.logic.speech.endpointing import EndpointingPolicy


def transcriber(settings: Settings) -> Transcriber:
    """Whisper. Raises InputError for an unknown model, ModelError for one that is not on this machine."""
    from agent.compose.whisper_choice import whisper, whisper_name

    return whisper(settings, whisper_name(settings))


def grader(settings: Settings, *, falls_back: bool = True) -> Grader:
    """The grader; with `falls_back`, the embedded grader takes over if the LLM's endpoint fails.

    Raises InputError if the LLM grader has no endpoint or no model.
    """
    from agent.adapters.embedded_grader import EmbeddedGrader
    from agent.compose.endpoint import settled

    embedded = EmbeddedGrader(threads=settings.threads, cache=vector_folder())
    if settled(settings).grader == "embedded":
        return embedded
    return llm_grader(settings, embedded if falls_back else None)


def vector_folder() -> Path:
    """The cache folder for vectors of rubric texts; it holds nothing from answers."""
    from platformdirs import user_cache_path

    return user_cache_path("mock-interview") / "vectors"


def llm_grader(settings: Settings, fallback: Grader | None) -> Grader:
    """The grader behind an endpoint. Raises InputError."""
    from agent.adapters.chat_endpoint import RETRY_S, ChatEndpoint
    from agent.adapters.fallback_grader import FallbackGrader
    from agent.adapters.llm_grader import LlmGrader
    from agent.compose.endpoint import model_address

    # Without a fallback, no candidate is waiting for feedback, so a busy server gets all the time it needs.
    retry_s = RETRY_S if fallback is not None else settings.llm_timeout
    llm = LlmGrader(ChatEndpoint(model_address(settings), retry_s), settings.llm_timeout)
    return llm if fallback is None else FallbackGrader(llm, fallback)


def voice(settings: Settings) -> Voice:
    """The agent's voice; auto means Piper if it is installed."""
    from agent.adapters import piper_voice
    from agent.adapters.pyttsx3_voice import Pyttsx3Voice

    if settings.voice == "piper" or (settings.voice == "auto" and piper_voice.available()):
        return piper_voice.PiperVoice(threads=settings.threads)
    name = None if settings.voice in ("auto", "system", "pyttsx3") else settings.voice
    return Pyttsx3Voice(voice=name, words_per_minute=settings.voice_rate)


def build(settings: Settings, microphone: Microphone, speaker: Speaker) -> InterviewSetup:
    """Builds an interview with a person, at the microphone of a sound card or of a web page."""
    from agent.adapters.intent_classifier import EmbeddingIntentClassifier
    from agent.adapters.silero_vad import SileroDetector
    from agent.adapters.smart_turn import SmartTurn
    from agent.adapters.system_clock import SystemClock
    from agent.interview.setup import InterviewSetup

    return InterviewSetup(
        voice=voice(settings),
        speaker=speaker,
        microphone=microphone,
        detector=SileroDetector(),
        transcriber=transcriber(settings),
        grader=grader(settings),
        clock=SystemClock(),
        policy=endpointing(settings),
        style=style(settings),
        turns=SmartTurn(settings.threads),
        intents=EmbeddingIntentClassifier(settings.threads),
        barge_in=barge_in(settings, microphone),
        follow_up=follow_up(settings),
    )


def follow_up(settings: Settings) -> FollowUp | None:
    """Returns what words follow-up questions: the language model that grades, if there is one."""
    from agent.compose.endpoint import model_address, settled

    if settled(settings).grader != "llm":
        return None
    from agent.adapters.chat_endpoint import ChatEndpoint
    from agent.adapters.llm_follow_up import TIME_LIMIT_S, LlmFollowUp

    return LlmFollowUp(ChatEndpoint(model_address(settings), TIME_LIMIT_S))


def recording_transcriber(settings: Settings, *, one_voice: bool = False) -> Transcriber:
    """Whisper for recordings made by others: it looks for a second voice, unless
    the user has confirmed that there is one voice.
    """
    from agent.adapters.voice_check import VoiceCheckingTranscriber

    plain = transcriber(settings)
    return plain if one_voice else VoiceCheckingTranscriber(plain)


def build_recorded(
    settings: Settings, microphone: Microphone, speaker: Speaker, *, one_voice: bool = False
) -> InterviewSetup:
    """An interview on recordings: one answer for each question, and nothing else."""
    from agent.adapters.silero_vad import SileroDetector
    from agent.adapters.system_clock import SystemClock
    from agent.interview.setup import InterviewSetup, Style
    from agent.logic.speech.endpointing import EndpointingPolicy

    return InterviewSetup(
        voice=voice(settings),
        speaker=speaker,
        microphone=microphone,
        detector=SileroDetector(),
        transcriber=recording_transcriber(settings, one_voice=one_voice),
        grader=grader(settings),
        clock=SystemClock(),
        # Only the end of a recording ends its answer: no pause in it may cut the answer off.
        policy=EndpointingPolicy.endless(),
        style=Style.recorded(),
    )


def sound_card(settings: Settings) -> tuple[Microphone, Speaker]:
    """The microphone and loudspeaker of this machine. Raises DeviceError when one is missing."""
    from agent.adapters.loudspeaker import SoundCardSpeaker
    from agent.adapters.microphone import SoundCardMicrophone
    from agent.adapters.portaudio import loudspeaker, microphone

    # Now rather than at the first word: a missing microphone is reported before anything is asked or loaded.
    microphone(settings.microphone)
    loudspeaker(settings.speaker)
    if not settings.interrupt:
        return SoundCardMicrophone(settings.microphone), SoundCardSpeaker(settings.speaker)
    from agent.adapters.echo_canceler import EchoCanceler, EchoCancelingMicrophone

    room = EchoCanceler()
    heard = EchoCancelingMicrophone(SoundCardMicrophone(settings.microphone), room)
    return heard, SoundCardSpeaker(settings.speaker, room.played)


def barge_in(settings: Settings, microphone: Microphone) -> BargeIn | None:
    """The microphone for interruptions while the agent speaks; None if the user has turned them off."""
    if not settings.interrupt:
        return None
    from agent.adapters.silero_vad import SileroDetector
    from agent.interview.barge_in import BargeInMicrophone

    return BargeInMicrophone(microphone, SileroDetector())


def endpointing(settings: Settings) -> EndpointingPolicy:
    """Decides when an answer has ended."""
    from agent.logic.speech.endpointing import EndpointingPolicy

    if settings.end_silence is not None:
        return EndpointingPolicy.fixed(settings.end_silence)
    return EndpointingPolicy.patient() if settings.patient else EndpointingPolicy()


def style(settings: Settings) -> Style:
    """How a live interview is conducted."""
    from agent.compose.endpoint import settled
    from agent.interview.setup import Style

    # A policy that the user chose stays as it is, and grading ahead with an endpoint would cost money in every pause.
    chosen = settings.patient or settings.end_silence is not None
    return Style(grade_ahead=settled(settings).grader == "embedded", learns_closing_phrase=not chosen)
