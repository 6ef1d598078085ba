"""Settings: which source wins, what is said of a wrong one, and what `config` shows and writes."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import ValidationError

from agent.adapters.recordings import Recordings
from agent.adapters.wav_file import WavSpeaker
from agent.compose.build import SharedModels, build, shared_models
from agent.compose.settings import NEW_MODELS, Settings, marked, takes, variables
from agent.compose.settings_file import change
from agent.compose.settings_sources import Origin, load_settings
from agent.interview.setup import InterviewSetup
from agent.shell.cli import main
from agent.values.errors import InputError


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(
    no_settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(no_settings_file, 'voice = "piper"\nthreads = 1\ncount = 2\n')
    monkeypatch.setenv("MOCK_INTERVIEW_THREADS", "2")
    monkeypatch.setenv("MOCK_INTERVIEW_COUNT", "3")
    found = load_settings({"count": 4})
    assert (found.settings.voice, found.settings.threads, found.settings.count) == ("piper", 2, 4)
    assert [found.origins[name] for name in ("whisper_model", "voice", "threads", "count")] == list(Origin)


def test_the_variables_of_the_endpoint_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("MOCK_INTERVIEW_LLM_MODEL", "qwen")
    monkeypatch.setenv("MOCK_INTERVIEW_WHISPER_MODEL", "small")
    settings = load_settings().settings
    assert (settings.base_url, settings.llm_model, settings.whisper_model) == (
        "http://127.0.0.1:9/v1",
        "qwen",
        "small",
    )
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in repr(settings)


def test_the_former_variable_of_the_llm_counts_unless_the_new_one_is_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCK_INTERVIEW_MODEL", "former")
    for new, model, variable in (("", "former", "MOCK_INTERVIEW_MODEL"), ("new", "new", "MOCK_INTERVIEW_LLM_MODEL")):
        monkeypatch.setenv("MOCK_INTERVIEW_LLM_MODEL", new)
        assert load_settings().settings.llm_model == model
        assert main(["config"]) == 0
        assert f"environment {variable}\n" in capsys.readouterr().out


@pytest.mark.parametrize("variable", ["MOCK_INTERVIEW_MODEL", "MOCK_INTERVIEW_LLM_MODEL"])
def test_a_wrong_name_of_the_llm_is_reported_by_the_variable_that_has_it(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, " ")
    with pytest.raises(InputError, match=f"environment variable {variable}: ' ' cannot be used; give the name of a m"):
        load_settings()


def test_an_empty_variable_chooses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_INTERVIEW_VOICE", "")
    found = load_settings()
    assert (found.settings.voice, found.origins["voice"]) == ("auto", Origin.DEFAULT)


def test_settings_of_ones_own_ignore_file_and_environment(
    no_settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(no_settings_file, "threads = 1\n")
    monkeypatch.setenv("MOCK_INTERVIEW_THREADS", "2")
    assert Settings().threads == 0
    with pytest.raises(ValidationError):
        setattr(Settings(), "threads", 3)  # noqa: B010 (the type checker refuses it as well)


WRONG = {
    "threads = " + "[" * 3000: "not valid TOML",
    "threads = 1" + "0" * 5000: "not valid TOML",
    'data_dir = ""': "data_dir: '' cannot be used; give the path of a folder",
    'rubrics = "/a\\u0000b"': "rubrics: '/a\\x00b' cannot be used; give the path of a rubric file",
    'vioce = "piper"': "vioce: no such setting; did you mean 'voice' or 'voice_rate'?",
    "zzz = 1": "zzz: no such setting; remove it, or use one of: base_url, company, ",
    'grader = "gpt"': "grader: 'gpt' cannot be used; give auto, embedded or llm",
    "voice_rate = 20": "voice_rate: 20 cannot be used; give words per minute from 80 to 450",
    'voice = ""': "voice: '' cannot be used; give auto, piper, system, or the name of a system voice",
    'keep_audio = "perhaps"': "keep_audio: 'perhaps' cannot be used; give true or false",
    'api_key = "sk-secret"': "api_key: a key is not read from a file; set OPENAI_API_KEY in the environment",
    "voice = piper": 'not valid TOML (Invalid value (at line 1, column 9)); a line looks like: voice = "piper"',
    "[voice]\nname = 1": "voice: {'name': 1} cannot be used; give auto, piper, system",
    "patient = true\nend_silence = 2": "patient and end_silence contradict each other; remove one",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file_gets_one_line_with_file_key_and_fix(
    no_settings_file: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written(no_settings_file, text)
    for words in (["config"], ["grade", "--text", "I would look.", "--question", "recsys-refresh"], ["doctor"]):
        assert main(words) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith(f"mock-interview: {no_settings_file}: {WRONG[text]}"), told.err
        assert len(told.err.strip().splitlines()) == 1


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_INTERVIEW_COUNT", "many")
    with pytest.raises(InputError, match="environment variable MOCK_INTERVIEW_COUNT: 'many' cannot be used; give a nu"):
        load_settings()


def test_how_an_answer_ends_is_taken_from_the_later_source(no_settings_file: Path) -> None:
    written(no_settings_file, "patient = true\n")
    assert load_settings({"end_silence": 2.0}).settings.patient is False
    written(no_settings_file, "end_silence = 2.0\n")
    found = load_settings({"patient": True})
    assert (found.settings.end_silence, found.origins["end_silence"]) == (None, Origin.DEFAULT)
    assert load_settings({"patient": False}).settings.end_silence == 2.0


def test_relative_paths_in_the_file_start_at_its_folder(no_settings_file: Path) -> None:
    written(no_settings_file, 'rubrics = "mine"\ndata_dir = "~/sessions"\n')
    settings = load_settings().settings
    assert settings.rubrics == no_settings_file.parent / "mine"
    assert settings.data_dir == Path("~/sessions").expanduser()


def test_a_home_folder_that_there_is_not_is_taken_as_it_is(no_settings_file: Path) -> None:
    written(no_settings_file, 'rubrics = "~nosuchuser/x"\n')
    assert load_settings().settings.rubrics == no_settings_file.parent / "~nosuchuser/x"


def test_a_file_with_a_byte_order_mark_is_read_and_changed(no_settings_file: Path) -> None:
    written(no_settings_file, "\ufeffcount = 3\n")
    assert load_settings().settings.count == 3
    change("count", "4")
    assert load_settings().settings.count == 4


def test_an_empty_folder_on_the_command_line_is_not_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["history", "--data-dir", ""])
    assert ended.value.code == 2
    assert "the path is empty" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_config_shows_each_value_and_its_origin_and_no_secret(
    no_settings_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(no_settings_file, 'voice = "piper"\n')
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:password@127.0.0.1:9/v1")
    assert main(["config", "--count", "3", "--json"]) == 0
    told = capsys.readouterr().out
    shown = json.loads(told)["settings"]
    assert set(shown) == set(Settings.model_fields)
    assert shown["voice"] == {"value": "piper", "origin": "file"}
    assert shown["count"] == {"value": 3, "origin": "option"}
    assert shown["api_key"] == {"value": "(set)", "origin": "environment"}
    assert shown["whisper_model"] == {"value": "base", "origin": "default"}
    assert main(["config"]) == 0
    table = capsys.readouterr().out
    assert "environment OPENAI_API_KEY" in table
    assert "http://...@127.0.0.1:9/v1" in table
    assert not {word for word in ("sk-secret", "password") if word in told + table}


def test_config_set_keeps_comments_and_refuses_what_cannot_be_used(
    no_settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(no_settings_file, '# mine\nvoice = "piper"  # natural\n')
    for name, value in (("count", "3"), ("patient", "true"), ("llm_timeout", "2.5"), ("seniority", "senior")):
        assert main(["config", "set", name, value]) == 0
    assert tomllib.loads(no_settings_file.read_text("utf-8")) == {
        "voice": "piper", "count": 3, "patient": True, "llm_timeout": 2.5, "seniority": "senior",
    }  # fmt: skip
    assert "# natural" in no_settings_file.read_text("utf-8")
    before = no_settings_file.read_bytes()
    for words in (["count", "0"], ["vioce", "x"], ["api_key", "sk-secret"], ["end_silence", "2"]):
        assert main(["config", "set", *words]) == 2
    assert no_settings_file.read_bytes() == before
    assert main(["config", "unset", "voice"]) == 0
    assert "voice" not in tomllib.loads(no_settings_file.read_text("utf-8"))
    capsys.readouterr()
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{no_settings_file}\n"


def test_a_folder_given_to_config_set_is_the_one_seen_from_here(
    no_settings_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    change("rubrics", "mine")
    assert load_settings().settings.rubrics == tmp_path / "mine"


def test_every_setting_says_what_it_takes_and_has_a_variable_of_its_own() -> None:
    names = list(Settings.model_fields)
    assert all(takes(name) for name in names)
    assert all(field.description for field in Settings.model_fields.values())
    every = [variable for name in names for variable in variables(name)]
    assert len(set(every)) == len(every)


def test_one_number_of_threads_is_that_of_every_model(tmp_path: Path) -> None:
    setup = build(Settings(threads=3, voice="piper"), Recordings([]), WavSpeaker(tmp_path))
    parts = (setup.voice, setup.transcriber, setup.grader, setup.turns, setup.intents)
    assert [vars(part)["_threads"] for part in parts] == [3] * len(parts)


def test_interviews_with_the_same_models_share_nothing_else(tmp_path: Path) -> None:
    settings = Settings(voice="piper")
    models = shared_models(settings)
    one, other = (
        build(settings, Recordings([]), WavSpeaker(tmp_path), models),
        build(settings, Recordings([]), WavSpeaker(tmp_path), models),
    )
    names = [field.name for field in fields(InterviewSetup)]
    same = {name for name in names if getattr(one, name) is getattr(other, name)}
    given = {name for name in names if getattr(one, name) is not None}
    assert same & given == {field.name for field in fields(SharedModels)} - {"follow_up"}


class Watched(Settings):
    """Settings that remember which of them were read."""

    read: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> object:
        if name in Settings.model_fields:
            Watched.read.add(name)
        return super().__getattribute__(name)


def test_the_settings_that_choose_models_are_marked() -> None:
    llm = {"grader": "llm", "base_url": "http://127.0.0.1:9/v1", "api_key": "k", "llm_model": "m"}
    every = [Watched.model_validate(values) for values in ({"voice": "system"}, llm)]
    Watched.read.clear()
    for settings in every:
        shared_models(settings)
    assert Watched.read == set(marked(NEW_MODELS))
