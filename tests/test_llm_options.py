"""Where answers would go, as options and environment say, and how it is shown."""

from __future__ import annotations

import argparse

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.fallback_grader import FallbackGrader
from agent.adapters.llm_grader import LlmGrader
from agent.shell import options
from agent.shell.cli import parser
from agent.shell.commands import doctor
from agent.values.errors import EndpointError, InputError, ModelError
from tests.fake_endpoint import KEY


def given(*words: str) -> argparse.Namespace:
    return parser().parse_args(["doctor", *words])


@pytest.mark.parametrize(
    ("environ", "words", "url"),
    [
        ({}, (), None),
        ({"OPENAI_BASE_URL": " ", "OPENAI_API_KEY": ""}, (), None),
        ({"MOCK_INTERVIEW_MODEL": "m"}, (), None),
        ({"OPENAI_API_KEY": KEY}, (), "https://api.openai.com/v1"),
        ({"OPENAI_BASE_URL": "http://h:1/v1", "OPENAI_API_KEY": KEY}, (), "http://h:1/v1"),
        ({"OPENAI_BASE_URL": "http://h:1/v1"}, ("--base-url", "http://i:2"), "http://i:2"),
    ],
)
def test_nothing_is_configured_unless_the_user_says_so(
    environ: dict[str, str], words: tuple[str, ...], url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert options.base_url(given(*words)) == url


def test_the_environment_names_endpoint_model_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h:1/v1")
    monkeypatch.setenv("MOCK_INTERVIEW_MODEL", "local")
    assert options.model_address(given()) == ("http://h:1/v1", "local", "none")
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    assert options.model_address(given("--llm", "other")) == ("http://h:1/v1", "other", KEY)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"MOCK_INTERVIEW_MODEL": "m"}, "OPENAI_BASE_URL"),
        ({"OPENAI_API_KEY": KEY}, "MOCK_INTERVIEW_MODEL"),
        ({"OPENAI_BASE_URL": "localhost:8080", "MOCK_INTERVIEW_MODEL": "m"}, "http://"),
        ({"OPENAI_BASE_URL": "http://h:port", "MOCK_INTERVIEW_MODEL": "m"}, "looks like"),
        ({"OPENAI_API_KEY": "\u201csk\u201d", "MOCK_INTERVIEW_MODEL": "m"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "sk one", "MOCK_INTERVIEW_MODEL": "m"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "sk\x1bone", "MOCK_INTERVIEW_MODEL": "m"}, "OPENAI_API_KEY"),
    ],
)
def test_what_is_missing_or_wrong_is_named(environ: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=says):
        options.grader(given("--grader", "llm"))


def test_the_llm_falls_back_in_interviews_and_not_where_graders_are_compared() -> None:
    words = ("--grader", "llm", "--llm", "m", "--base-url", "http://h:1/v1")
    assert isinstance(options.grader(given(*words)), FallbackGrader)
    assert isinstance(options.grader(given(*words), falls_back=False), LlmGrader)
    assert isinstance(options.grader(given()), EmbeddedGrader)


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
    line = doctor._endpoint(given("--base-url", url, "--grader", "llm"))
    way = "without a proxy" if "127.0.0.1" in url else "through the proxy proxy:1"
    assert line == f"{shown}; answers would go there {way}"
    assert "unused unless you say --grader llm" in doctor._endpoint(given("--base-url", url))
    assert doctor._endpoint(given()) == "none is configured"


def test_an_error_is_shown_with_what_changes_it() -> None:
    assert options.fix(EndpointError("no such model", "model")) == " (--llm or MOCK_INTERVIEW_MODEL)"
    assert options.fix(EndpointError("no such model", "context")) == ""
    assert options.fix(ModelError("damaged")) == ""
