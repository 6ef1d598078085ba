"""Chooses adapters: from settings to what an interview, or the grading of an answer, needs.

Models load on first use, so building is cheap. Nothing here uses the network. A caller that saves an interview wraps
the microphone afterwards (agent/shell/saving.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.compose.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from agent.adapters.text_model import SentenceEncoder
    from agent.adapters.vector_cache import VectorCache
    from agent.interview.setup import InterviewSetup, Style
    from agent.logic.ports import (
        BargeIn,
        Clock,
        FollowUp,
        Grader,
        IntentClassifier,
        Microphone,
        Speaker,
        Transcriber,
        TurnDetector,
        Voice,
    )
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


def sentence_encoder(threads: int) -> SentenceEncoder:
    """Turns sentences into vectors of their meaning."""
    from agent.adapters.text_model import SentenceEncoder

    return SentenceEncoder(threads)


def rubric_encoder(threads: int) -> VectorCache:
    """The same for the texts of rubrics, whose vectors are kept."""
    from agent.adapters.vector_cache import VectorCache

    return VectorCache(sentence_encoder(threads), vector_folder())


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


@dataclass(frozen=True)
class SharedModels:
    """What interviews share, since it takes long to load and learns nothing of a candidate.

    All else belongs to one interview. A change of a setting that counts here is marked NEW_MODELS in settings.py.
    """

    voice: Voice
    transcriber: Transcriber
    grader: Grader
    turns: TurnDetector
    intents: IntentClassifier
    follow_up: FollowUp | None


def shared_models(settings: Settings) -> SharedModels:
    """Models for any number of interviews, one after another. Raises InputError or ModelError."""
    from agent.adapters.machine import share_freed_memory
    from agent.adapters.smart_turn import SmartTurn

    share_freed_memory()
    return SharedModels(
        voice=voice(settings),
        transcriber=transcriber(settings),
        grader=grader(settings),
        turns=SmartTurn(settings.threads),
        intents=intents(settings),
        follow_up=follow_up(settings),
    )


def build(
    settings: Settings, microphone: Microphone, speaker: Speaker, models: SharedModels | None = None
) -> InterviewSetup:
    """An interview with a person at a microphone: that of a sound card or of a web page.

    `models` are those of such settings, loaded earlier. Raises InputError or ModelError.
    """
    from agent.adapters.silero_vad import SileroDetector
    from agent.interview.setup import InterviewSetup

    models = models or shared_models(settings)
    return InterviewSetup(
        voice=models.voice,
        transcriber=models.transcriber,
        grader=models.grader,
        turns=models.turns,
        intents=models.intents,
        follow_up=models.follow_up,
        speaker=speaker,
        microphone=microphone,
        # It has a state of its own; its weights are loaded once for the process.
        detector=SileroDetector(),
        clock=clock(),
        policy=endpointing(settings),
        style=style(settings),
        barge_in=barge_in(settings, microphone),
    )


def intents(settings: Settings) -> IntentClassifier:
    """What recognizes spoken commands and clarifying questions."""
    from agent.adapters.intent_classifier import EmbeddingIntentClassifier

    return EmbeddingIntentClassifier(settings.threads)


def clock() -> Clock:
    """The clock of this machine."""
    from agent.adapters.system_clock import SystemClock

    return SystemClock()


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
    from agent.interview.setup import InterviewSetup, Style
    from agent.logic.speech.endpointing import EndpointingPolicy

    return InterviewSetup(
        voice=voice(settings),
        speaker=speaker,
        microphone=microphone,
        detector=SileroDetector(),
        transcriber=recording_transcriber(settings, one_voice=one_voice),
        grader=grader(settings),
        clock=clock(),
        # Only the end of a recording ends its answer: no pause in it may cut the answer off.
        policy=EndpointingPolicy.endless(),
        style=Style.recorded(),
    )


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
