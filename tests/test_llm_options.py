"""Where answers would go, as options and environment say, and how it is shown."""

from __future__ import annotations

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.fallback_grader import FallbackGrader
from agent.adapters.llm_grader import LlmGrader
from agent.compose import build
from agent.compose.endpoint import base_url, model_address
from agent.compose.settings import Settings
from agent.shell import checks, options
from agent.shell.advice import advised
from agent.shell.cli import parser
from agent.values.errors import EndpointError, InputError, ModelError
from tests.fake_endpoint import KEY


def settings(*words: str) -> Settings:
    return options.settings(parser().parse_args(["doctor", *words]))


@pytest.mark.parametrize(
    ("environ", "words", "url"),
    [
        ({}, (), None),
        ({"OPENAI_BASE_URL": "", "OPENAI_API_KEY": ""}, (), None),
        ({"MOCK_INTERVIEW_LLM_MODEL": "m"}, (), None),
        ({"OPENAI_API_KEY": KEY}, (), "https://api.openai.com/v1"),
        ({"OPENAI_BASE_URL": "http://h:1/v1", "OPENAI_API_KEY": KEY}, (), "http://h:1/v1"),
        ({"OPENAI_BASE_URL": "http://h:1/v1"}, ("--grader", "llm", "--base-url", "http://i:2"), "http://i:2"),
    ],
)
def test_nothing_is_configured_unless_the_user_says_so(
    environ: dict[str, str], words: tuple[str, ...], url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert base_url(settings(*words)) == url


def test_the_environment_names_endpoint_model_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h:1/v1")
    monkeypatch.setenv("MOCK_INTERVIEW_LLM_MODEL", "local")
    assert model_address(settings()) == ("http://h:1/v1", "local", "none")
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    assert model_address(settings("--grader", "llm", "--llm", "other")) == ("http://h:1/v1", "other", KEY)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"MOCK_INTERVIEW_LLM_MODEL": "m"}, "OPENAI_BASE_URL"),
        ({"OPENAI_API_KEY": KEY}, "MOCK_INTERVIEW_LLM_MODEL"),
        ({"OPENAI_BASE_URL": "localhost:8080", "MOCK_INTERVIEW_LLM_MODEL": "m"}, "http://"),
        ({"OPENAI_BASE_URL": "http://h:port", "MOCK_INTERVIEW_LLM_MODEL": "m"}, "looks like"),
        ({"OPENAI_API_KEY": "\u201csk\u201d", "MOCK_INTERVIEW_LLM_MODEL": "m"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "sk one", "MOCK_INTERVIEW_LLM_MODEL": "m"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "sk\x1bone", "MOCK_INTERVIEW_LLM_MODEL": "m"}, "OPENAI_API_KEY"),
    ],
)
def test_what_is_missing_or_wrong_is_named(environ: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as caught:
        build.grader(settings("--grader", "llm"))
    assert says in advised(caught.value)


def test_the_llm_falls_back_in_interviews_and_not_where_graders_are_compared() -> None:
    words = ("--grader", "llm", "--llm", "m", "--base-url", "http://h:1/v1")
    assert isinstance(build.grader(settings(*words)), FallbackGrader)
    assert isinstance(build.grader(settings(*words), falls_back=False), LlmGrader)
    assert isinstance(build.grader(settings()), EmbeddedGrader)


@pytest.mark.parametrize(
    ("url", "proxy", "shown"),
    [
        ("http://user:password@127.0.0.1:9/v1", "http://proxy:1", "127.0.0.1:9 is configured"),
        ("https://llm.corp/v1", "http://user:secret@proxy:1", "llm.corp is configured"),
    ],
)
def test_doctor_shows_where_answers_would_go(url: str, proxy: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    line = checks._endpoint(settings("--base-url", url, "--grader", "llm"))
    way = "without a proxy" if "127.0.0.1" in url else "through the proxy proxy:1"
    assert line == f"{shown}; answers would go there {way}"
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    assert "unused without --grader llm" in checks._endpoint(settings())
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert checks._endpoint(settings()) == "none is configured"


def test_an_error_is_shown_with_what_changes_it() -> None:
    assert advised(EndpointError("no such model", "model")) == "no such model (--llm or MOCK_INTERVIEW_LLM_MODEL)"
    assert advised(EndpointError("no such model", "context")) == "no such model"
    assert advised(ModelError("damaged")) == "damaged"
