"""Real Whisper: speech gives its words in order, silence and noise give none, also with a glossary."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jiwer
import numpy as np
import pytest
import soxr

from agent.adapters.audio_file import read_clip
from agent.adapters.piper_voice import PiperVoice
from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.adapters.wav_file import WavSpeaker
from agent.adapters.whisper import (
    LEAST_FRAMES,
    LONG_S,
    SILENCE_KEPT,
    Whisper,
    _decoded,
    _most_tokens,
    _words,
    unpadded,
)
from agent.logic.speech.tokens import tokens
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.errors import ModelError
from agent.values.rubric import Question
from tests.conftest import FIXTURES, ROOT

SENTENCE = "Offline metrics can disagree with an online experiment."
VOICENOTE = ROOT.parent / "shared" / "speech" / "voicenote" / "crying-child.mp3"
GLOSSARY = ("gradient boosting", "calibration")


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    folder = tmp_path_factory.mktemp("spoken")
    WavSpeaker(folder).play(PiperVoice().synthesize(SENTENCE))
    (file,) = folder.glob("*.wav")
    return read_clip(file)


def padded(clip: Clip, before_s: float, after_s: float) -> Clip:
    silence = [np.zeros(int(seconds * clip.rate), np.float32) for seconds in (before_s, after_s)]
    return Clip(samples=np.concatenate([silence[0], clip.samples, silence[1]]), rate=clip.rate)


def test_words_are_heard_where_they_were_spoken(whisper: Whisper, spoken: Clip) -> None:
    heard = whisper.transcribe(padded(spoken, 3.0, 2.0))
    assert tokens(heard.text) == tokens(SENTENCE)
    assert heard.language == "en"
    assert all(word.start_s <= word.end_s and 0 < word.probability <= 1 for word in heard.words)
    assert all(a.end_s <= b.start_s + 0.01 for a, b in pairwise(heard.words))
    assert heard.words[0].start_s == pytest.approx(3.0, abs=0.5)
    assert heard.words[-1].end_s <= 3.0 + spoken.seconds + 0.5


def test_a_glossary_adds_no_words(whisper: Whisper, spoken: Clip) -> None:
    assert tokens(whisper.transcribe(spoken, GLOSSARY).text) == tokens(SENTENCE)


@pytest.mark.slow
def test_a_long_recording_is_heard_whole_and_in_order(whisper: Whisper, recordings: list[dict[str, Any]]) -> None:
    entries = [item for item in recordings if item["id"] in ("metrics-very-strong", "refresh-very-strong")]
    gap = np.zeros(2 * WHISPER_RATE, np.float32)
    parts = [part for entry in entries for part in (read_clip(FIXTURES / entry["file"]).samples, gap)]
    long = Clip(samples=np.concatenate(parts), rate=WHISPER_RATE)
    assert long.seconds > LONG_S
    heard = whisper.transcribe(long)
    words = " ".join(" ".join(tokens(entry["words"])) for entry in entries)
    assert jiwer.wer(words, " ".join(tokens(heard.text))) < 0.25
    assert all(a.start_s <= b.start_s for a, b in pairwise(heard.words))
    assert long.seconds - 5 < heard.words[-1].end_s < long.seconds


@pytest.mark.parametrize("sound", ["silence", "noise", "hum", "clicks"])
def test_what_is_not_speech_gives_no_words(whisper: Whisper, sound: str) -> None:
    draw, count = np.random.default_rng(0), 16_000 * 5
    samples = {
        "silence": np.zeros(count),
        "noise": draw.standard_normal(count) * 0.1,
        "hum": 0.3 * np.sin(2 * np.pi * 50 * np.arange(count) / 16_000),
        "clicks": (draw.random(count) > 0.9995) * 0.8,
    }[sound]
    clip = Clip(samples=samples.astype(np.float32), rate=16_000)
    assert whisper.transcribe(clip).words == ()
    assert whisper.transcribe(clip, GLOSSARY).words == ()


def segment(**measures: float) -> SimpleNamespace:
    word = SimpleNamespace(word=" yes", start=0.0, end=0.4, probability=float("nan"))
    usual = {"no_speech_prob": 0.1, "avg_logprob": -0.3, "compression_ratio": 1.2}
    return SimpleNamespace(words=[word, SimpleNamespace(word=" ")], **(usual | measures))


@pytest.mark.parametrize(
    ("measures", "kept"),
    [
        ({}, True),
        ({"compression_ratio": 2.5}, False),
        ({"no_speech_prob": 0.9, "avg_logprob": -1.2}, False),
        ({"no_speech_prob": 0.9}, True),
        ({"avg_logprob": -1.2}, True),
    ],
)
def test_doubtful_and_looping_segments_are_dropped_by_their_measures(measures: dict[str, float], kept: bool) -> None:
    assert [word.text for word in _words([segment(**measures)])] == (["yes"] if kept else [])


def test_another_rate_is_refused(whisper: Whisper) -> None:
    with pytest.raises(ValueError, match="8000"):
        whisper.transcribe(Clip(samples=np.zeros(8000, np.float32), rate=8000))


def test_a_failure_of_the_engine_is_reported_in_plain_words(spoken: Clip) -> None:
    with pytest.raises(ModelError, match=r"failed on .* try") as caught:
        Whisper(language="nonsense").transcribe(spoken)
    assert "\n" not in str(caught.value)


def test_a_folder_without_weights_is_reported_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        Whisper(str(tmp_path)).warm()


def test_a_folder_without_a_tokenizer_does_not_send_the_library_to_the_hub(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"cannot be loaded \(.*tokenizer.json'\); use the model base"):
        Whisper(str(tmp_path)).warm()


@pytest.mark.parametrize("used", [0, 1, 400, 1400, 1401])
def test_the_encoder_hears_two_seconds_of_a_clips_padding_and_no_more(used: int) -> None:
    features = np.zeros((80, 3000), np.float32)
    features[:, :used] = 1.0
    heard = unpadded(features)
    assert heard.shape[-1] == max(LEAST_FRAMES, used + SILENCE_KEPT + used % 2)
    assert float(heard.sum()) == 80.0 * used


def test_a_full_window_is_heard_whole() -> None:
    assert unpadded(np.ones((2, 80, 3000), np.float32)).shape == (2, 80, 3000)


@pytest.mark.parametrize("text", ["Stop the interview.", "Explain the rating.", "Let me try again."])
def test_a_short_utterance_is_written_once(whisper: Whisper, text: str) -> None:
    said = Pyttsx3Voice("English (America)", words_per_minute=150).synthesize(text)
    samples = soxr.resample(said.samples, said.rate, WHISPER_RATE).astype(np.float32)
    heard = whisper.transcribe(padded(Clip(samples=samples, rate=WHISPER_RATE), 0.25, 0.3))
    assert len(tokens(heard.text)) <= len(tokens(text)) + 1


def test_the_same_sound_is_encoded_once(whisper: Whisper, spoken: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    """For its language, its words, and its words without the glossary."""
    from faster_whisper import WhisperModel

    encode, heard = WhisperModel.encode, list[tuple[int, ...]]()

    def counted(self: WhisperModel, features: np.ndarray) -> object:
        heard.append(features.shape)
        return encode(self, features)

    monkeypatch.setattr(WhisperModel, "encode", counted)
    quieter = Clip(samples=spoken.samples * np.float32(0.8), rate=spoken.rate)
    assert whisper.transcribe(quieter).words
    assert len(heard) == 1
    assert whisper.transcribe(quieter, ["gradient boosting"]).words
    assert len(heard) == 1


@pytest.mark.skipif(not VOICENOTE.exists(), reason="the recordings of people are not here")
def test_a_decoder_that_repeats_itself_is_stopped_and_asked_again(
    whisper: Whisper, questions: dict[str, Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A man beside a crying child; the decoder used to write 224 tokens of these 1.3 s, for 17 s."""
    made: list[int] = []

    def counted(*wanted: Any, **more: Any) -> tuple[list[Any], Any]:
        segments, info = _decoded(*wanted, **more)
        kept = list(segments)
        made.append(sum(len(segment.tokens) for segment in kept))
        return kept, info

    monkeypatch.setattr("agent.adapters.whisper._decoded", counted)
    clip = read_clip(VOICENOTE)
    cut = Clip(samples=clip.samples[30 * WHISPER_RATE : round(31.3 * WHISPER_RATE)], rate=WHISPER_RATE)
    heard = whisper.transcribe(cut, [term.term for term in questions["recsys-reduce-features"].glossary])
    assert len(made) == 2, "the first decoding ran on, and a second one took its place"
    assert max(made) <= _most_tokens(cut) + 2
    assert len(heard.words) <= 6
