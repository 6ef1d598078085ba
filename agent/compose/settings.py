"""What a user can set, independent of the command line and of where a value came from.

Settings(...) uses only the values that it is given; load_settings() in settings_sources.py also reads file and
environment.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from agent.values.rubric import Seniority


class Takes(NamedTuple):
    """What values a setting accepts, in plain words; shown if it gets another one."""

    text: str


class Mark(Enum):
    """What else holds for a setting."""

    NEW_MODELS = "new models"
    """A change needs other models; that of any other setting changes the next interview without loading anything."""
    ON_PAGE = "on the page"
    """The page offers it; any other setting is for the command line and the file."""


NEW_MODELS, ON_PAGE = Mark.NEW_MODELS, Mark.ON_PAGE


def _usable(path: object) -> object:
    """An empty path would silently be the current folder, and no system has one with a zero byte."""
    text = str(path) if isinstance(path, str | Path) else "x"
    if not text.strip() or "\0" in text:
        raise ValueError("no path")
    return path


Place = Annotated[Path, BeforeValidator(_usable)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
YesNo = Takes("true or false")
Folder = Takes("the path of a folder")


class Settings(BaseSettings):
    """Frozen; a setting that is None was not chosen. Its environment variable is MOCK_INTERVIEW_ and its name."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="MOCK_INTERVIEW_",
        env_ignore_empty=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    grader: Annotated[Literal["auto", "embedded", "llm"], Takes("auto, embedded or llm"), NEW_MODELS, ON_PAGE] = "auto"
    """Which grader: our own on this machine, or an OpenAI-compatible endpoint; auto is the endpoint that is configured
    with its model, else our own."""
    base_url: Annotated[Name | None, Takes("the address of an endpoint"), NEW_MODELS] = Field(
        None, validation_alias="OPENAI_BASE_URL"
    )
    """Address of the LLM grader's endpoint."""
    api_key: Annotated[SecretStr | None, Takes("a key"), NEW_MODELS] = Field(None, validation_alias="OPENAI_API_KEY")
    """Its key; read from the environment only."""
    llm_model: Annotated[Name | None, Takes("the name of a model"), NEW_MODELS] = Field(
        None, validation_alias=AliasChoices("MOCK_INTERVIEW_LLM_MODEL", "MOCK_INTERVIEW_MODEL")
    )
    """The LLM grader's model at that endpoint."""
    llm_timeout: Annotated[float, Field(gt=0, le=3600), Takes("seconds from 0 to 3600, such as 60"), NEW_MODELS] = 60.0
    """Seconds to wait for the endpoint."""
    whisper_model: Annotated[Name, Takes("auto, base, another size, or the folder of a model"), NEW_MODELS, ON_PAGE] = (
        "base"
    )
    """Whisper's size, or the folder of a model; auto is the largest on this machine that keeps up with speech."""
    whisper_device: Annotated[Literal["auto", "cpu", "cuda"], Takes("auto, cpu or cuda"), NEW_MODELS] = "auto"
    """Where Whisper runs."""
    whisper_compute_type: Annotated[Name, Takes("a type of faster-whisper, such as int8"), NEW_MODELS] = "default"
    """Whisper's arithmetic, as in faster-whisper: int8, float16, ..."""
    threads: Annotated[
        int, Field(ge=0, le=256), Takes("a number of threads; 0 chooses for this machine"), NEW_MODELS, ON_PAGE
    ] = 0
    """CPU threads for each model; 0 chooses for this machine, four at most."""
    voice: Annotated[Name, Takes("auto, piper, system, or the name of a system voice"), NEW_MODELS, ON_PAGE] = "auto"
    """The agent's voice."""
    voice_rate: Annotated[int, Field(ge=80, le=450), Takes("words per minute from 80 to 450"), NEW_MODELS, ON_PAGE] = (
        165
    )
    """Words per minute of a system voice."""
    rubrics: Annotated[Place | None, Takes("the path of a rubric file, or of a folder of them")] = None
    """Your own questions, in place of those that come with the program."""
    data_dir: Annotated[Place | None, Folder] = None
    """Where sessions are saved, in place of the platform's data folder."""
    keep_audio: Annotated[bool | None, YesNo] = None
    """Whether the audio of answers is saved; if not set, your choice when first asked counts."""
    microphone: Annotated[Name | None, Takes("the name or number of a device")] = None
    """The microphone."""
    speaker: Annotated[Name | None, Takes("the name or number of a device")] = None
    """The loudspeaker."""
    end_silence: Annotated[float | None, Field(gt=0, le=60), Takes("seconds from 0 to 60, such as 2.5"), ON_PAGE] = None
    """Seconds of silence that always end an answer; if not set, each pause is judged."""
    patient: Annotated[bool, YesNo, ON_PAGE] = False
    """Whether only "that's my answer", or a very long silence, ends an answer."""
    interrupt: Annotated[bool, YesNo, ON_PAGE] = True
    """Whether you can interrupt the agent by speaking."""
    count: Annotated[int, Field(ge=1), Takes("a number of 1 or more"), ON_PAGE] = 5
    """Number of questions in an interview."""
    seniority: Annotated[Seniority | None, Takes("junior or senior"), ON_PAGE] = None
    """Only questions for this level."""
    company: Annotated[Name | None, Takes("the name of a company profile, or a .yaml file"), ON_PAGE] = None
    """Ask as this company would."""

    @model_validator(mode="after")
    def _one_way_to_end(self) -> Self:
        if self.patient and self.end_silence is not None:
            raise ValueError("patient and end_silence contradict each other; remove one")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Reads only the values it is given: a library must not change with its caller's environment."""
        return (init_settings,)


def takes(name: str) -> str:
    """What values the setting accepts."""
    return next(item.text for item in Settings.model_fields[name].metadata if isinstance(item, Takes))


def marked(mark: Mark) -> list[str]:
    """The settings with that mark."""
    return [name for name, field in Settings.model_fields.items() if mark in field.metadata]


def variables(name: str) -> tuple[str, ...]:
    """The environment variables of the setting, the one to use first; the others are older names of it."""
    alias = Settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(map(str, alias.choices))
    return (alias if isinstance(alias, str) else f"MOCK_INTERVIEW_{name.upper()}",)
