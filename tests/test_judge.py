"""Who grades when nobody was named: what is asked of servers on this machine, consent, and the trial of a judge."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.adapters import local_servers
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.fallback_grader import FallbackGrader
from agent.adapters.local_servers import PORTS, running
from agent.compose import build
from agent.compose.endpoint import settled
from agent.compose.settings import Settings
from agent.logic.grading.grading import grade
from agent.logic.grading.trial import Trial, trial_questions, tried
from agent.shell import judge
from agent.shell.cli import main
from agent.shell.regrading import graded_later
from agent.shell.store.store import Store
from agent.values.errors import EndpointError
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question, Rating
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript
from tests.conftest import VirtualClock
from tests.fake_ollama import Listing, Ollama, answering, ollama

GOOD = Trial(answers=12, unusable=0, qwk=0.9, real=1.0, median_s=2.0)


def good_claims(question: Question, transcript: Transcript) -> tuple[Claim, ...]:
    """Claims that come to the rating that the reference answer has."""
    label = next(level for level in Rating if question.answers.of(level) == transcript.text)
    quote, made = " ".join(transcript.text.split()[:8]), list[Claim]()
    for point in question.points:
        more = [*made, Claim(target=point.id, quote=quote)]
        found = grade(question, transcript, Verdict(claims=tuple(more), grader="t")).rating
        if found is not None and found <= label:
            made = more
    return tuple(made)


class Judge:
    """A grader that follows a rule."""

    def __init__(self, rule: Callable[[Question, Transcript], tuple[Claim, ...]], clock: VirtualClock, takes_s: float):
        self._rule, self._clock, self._takes_s = rule, clock, takes_s

    def prepare(self, question: Question) -> None:
        """Nothing."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        self._clock.sleep(self._takes_s)
        return Verdict(claims=self._rule(question, transcript), grader="t")


def of(
    rule: Callable[[Question, Transcript], tuple[Claim, ...]], questions: dict[str, Question], s: float = 2.0
) -> Trial:
    clock = VirtualClock()
    return tried(Judge(rule, clock, s), trial_questions(questions), clock)


# The trial


def test_a_judge_that_agrees_with_the_references_is_trusted(questions: dict[str, Question]) -> None:
    trial = of(good_claims, questions)
    assert trial.answers == 12
    assert trial.qwk is not None
    assert trial.qwk > 0.9
    assert trial.refused is None
    assert (trial.median_s, trial.is_slow) == (2.0, False)
    assert of(good_claims, questions, 20.0).is_slow


def test_a_judge_that_finds_everything_or_invents_quotes_is_refused_with_the_reason(
    questions: dict[str, Question],
) -> None:
    def all_of_it(question: Question, transcript: Transcript) -> tuple[Claim, ...]:
        return tuple(Claim(target=point.id, quote=transcript.text[:60]) for point in question.points)

    def invents(question: Question, transcript: Transcript) -> tuple[Claim, ...]:
        made = good_claims(question, transcript)
        return (*made, *(Claim(target=claim.target, quote="words that nobody said here") for claim in made))

    assert "agree too little with the references" in str(of(all_of_it, questions).refused)
    assert "of its quotes stand in the answers" in str(of(invents, questions).refused)


def test_a_judge_without_usable_replies_is_refused(questions: dict[str, Question]) -> None:
    def fails(question: Question, transcript: Transcript) -> tuple[Claim, ...]:
        raise EndpointError("The model gave no usable reply.", "model")

    trial = of(fails, questions)
    assert "2 of 2 replies were unusable (The model gave no usable reply.)" in str(trial.refused)
    assert trial.answers == 2, "a model that cannot do it takes longest, so it is not asked twelve times"

    def gone(question: Question, transcript: Transcript) -> tuple[Claim, ...]:
        raise EndpointError("Nothing answers.", "address")

    with pytest.raises(EndpointError, match="Nothing answers"):
        of(gone, questions)


# Servers on this machine


def test_a_server_is_asked_for_its_models_and_nothing_else() -> None:
    with ollama(["llama3:8b", "nomic-embed-text"], lambda _: "") as server:
        [found] = running([("Ollama", server.port)])
        assert found.models == ("llama3:8b",)
        assert found.base_url == f"http://127.0.0.1:{server.port}/v1"
        assert server.asked == ["GET /v1/models"]
    assert running([("Ollama", server.port)]) == []


SERVERS: dict[str, dict[str, dict[str, Any]]] = {
    "Ollama": {
        "/v1/models": {
            "object": "list",
            "data": [{"id": "qwen2.5:14b", "object": "model", "created": 1, "owned_by": "library"}],
        },
        "/api/tags": {"models": [{"name": "qwen2.5:14b", "model": "qwen2.5:14b", "size": 9, "details": {}}]},
    },
    "LM Studio": {
        "/v1/models": {
            "data": [
                {"id": "text-embedding-nomic-embed-text-v1.5", "object": "model", "owned_by": "organization_owner"},
                {"id": "qwen2.5:14b", "object": "model", "owned_by": "organization_owner"},
            ],
            "object": "list",
        }
    },
    "llama.cpp": {
        "/v1/models": {
            "models": [{"name": "qwen2.5:14b", "model": "qwen2.5:14b", "capabilities": ["completion"]}],
            "object": "list",
            "data": [{"id": "qwen2.5:14b", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx_train": 32768}}],
        }
    },
    "vLLM": {
        "/v1/models": {
            "object": "list",
            "data": [{"id": "qwen2.5:14b", "object": "model", "owned_by": "vllm", "max_model_len": 32768}],
        }
    },
}


@pytest.mark.parametrize("name", SERVERS)
def test_every_server_is_found_by_its_own_list_and_asked_for_nothing_else(name: str) -> None:
    with answering(Listing(SERVERS[name])) as server:
        [found] = running([(name, server.port)])
        assert found.models == ("qwen2.5:14b",)
        assert found.place == f"{name} on this machine (127.0.0.1:{server.port})"
        assert server.asked == ["GET /v1/models"]
    assert name in dict(PORTS)


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("/models/qwen2.5-7b-q4.gguf", "qwen2.5-7b-q4.gguf"),
        ("C:\\models\\qwen2.5-7b-q4.gguf", "qwen2.5-7b-q4.gguf"),
        ("Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-7B-Instruct"),
        ("qwen2.5:14b", "qwen2.5:14b"),
    ],
)
def test_a_model_is_shown_by_its_name_and_not_by_its_path(model: str, shown: str) -> None:
    assert judge.short(model) == shown


def test_a_server_that_still_loads_its_model_is_none_yet() -> None:
    with answering(Listing({})) as server:
        assert running([("llama.cpp", server.port)]) == []


def test_an_old_ollama_lists_its_models_its_own_way() -> None:
    with ollama(["llama2"], lambda _: "", has_v1=False) as server:
        assert running([("Ollama", server.port)])[0].models == ("llama2",)


def test_another_program_on_the_port_is_no_server() -> None:
    with ollama([], lambda _: "") as server:
        assert running([("vLLM", server.port)]) == []


def test_nothing_on_the_usual_ports_is_found_by_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with ollama(["m"], lambda _: "") as server:
        assert running([("Ollama", server.port)])


# The choice


def test_auto_is_the_endpoint_with_its_model_else_our_own() -> None:
    assert settled(Settings()).grader == "embedded"
    assert settled(Settings(api_key="sk-1")).grader == "embedded", "a key alone is for other programs too"
    assert settled(Settings(base_url="http://h:1/v1", llm_model="m")).grader == "llm"
    assert settled(Settings(grader="embedded", base_url="http://h:1/v1", llm_model="m")).grader == "embedded"
    assert isinstance(build.grader(Settings()), EmbeddedGrader)
    assert isinstance(build.grader(Settings(base_url="http://h:1/v1", llm_model="m")), FallbackGrader)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, questions: dict[str, Question]) -> Any:
    with ollama(["good:7b"], lambda body: replied(body, questions)) as fake:
        monkeypatch.setattr(local_servers.running, "__defaults__", ((("Ollama", fake.port),),))
        yield fake


def replied(body: dict[str, Any], questions: dict[str, Question]) -> str:
    """What a capable model says of a reference answer."""
    asked = "\n".join(message["content"] for message in body["messages"])
    plain = " ".join(asked.split())
    question, answer = next(
        (question, question.answers.of(level))
        for question in trial_questions(questions)
        for level in Rating
        if " ".join(question.answers.of(level).split()) in plain
    )
    made = good_claims(question, Transcript.from_text(answer))
    rows = [
        {"target": c.target, "quote": c.quote, "reason": "r", "verdict": "made", "kind": "none", "confidence": 0.9}
        for c in made
    ]
    return json.dumps({"claims": rows, "addressed_to_grader": False})


def test_a_found_server_grades_after_consent_and_a_trial_and_not_before(
    server: Ollama, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, own = Store.open(tmp_path), settled(Settings())
    before = judge.chosen(own, store, undecided=True)
    assert before.settings.grader == "embedded"
    assert "good:7b of Ollama on this machine" in before.says
    assert "doctor --judge" in before.says
    data = ("--data-dir", str(tmp_path))
    assert main(["doctor", "--judge", *data]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert [asked for asked in server.asked if not asked.startswith("GET")] == []
    assert main(["doctor", "--judge", "--yes", *data]) == 0
    shown = capsys.readouterr().out
    assert "can be trusted: kappa" in shown
    assert server.asked.count("POST /v1/chat/completions") == 12
    after = judge.chosen(own, store, undecided=True)
    assert (after.settings.grader, after.settings.llm_model) == ("llm", "good:7b")
    assert "nothing leaves this machine" in after.says
    assert judge.chosen(own, store, undecided=False).settings.grader == "embedded"


def test_a_slow_judge_grades_after_the_session_and_a_refused_one_never(server: Ollama, tmp_path: Path) -> None:
    store, own = Store.open(tmp_path), settled(Settings())
    url = f"http://127.0.0.1:{server.port}/v1"
    store.judges.agree(url)
    store.judges.remember(url, "good:7b", GOOD.model_copy(update={"median_s": 20.0}))
    slow = judge.chosen(own, store, undecided=True)
    assert slow.settings.grader == "embedded"
    assert slow.afterwards is not None
    assert slow.afterwards.base_url == url
    assert "after the session" in slow.says
    store.judges.remember(url, "good:7b", GOOD.model_copy(update={"qwk": 0.3}))
    own_again = judge.chosen(own, store, undecided=True)
    assert own_again.settings.grader == "embedded"
    assert "good:7b of Ollama on this machine" in own_again.says
    assert "was refused as a judge; 'mock-interview doctor' says why" in own_again.says
    mine = settled(Settings(base_url=url, llm_model="good:7b"))
    refused = judge.chosen(mine, store, undecided=True)
    assert refused.settings.grader == "embedded"
    assert "refused as a judge" in refused.says
    assert judge.chosen(mine, store, undecided=False).settings.grader == "llm", "who names a grader gets it"


def test_where_nobody_waits_a_slow_model_has_time(server: Ollama, tmp_path: Path) -> None:
    store, url = Store.open(tmp_path), f"http://127.0.0.1:{server.port}/v1"
    store.judges.agree(url)
    store.judges.remember(url, "good:7b", GOOD.model_copy(update={"median_s": 100.0}))
    slow = judge.chosen(settled(Settings()), store, undecided=True)
    assert slow.afterwards is not None
    assert slow.afterwards.llm_timeout == judge.PATIENT_S
    longer = judge.chosen(settled(Settings(llm_timeout=900.0)), store, undecided=True)
    assert longer.afterwards is not None
    assert longer.afterwards.llm_timeout == 900.0


def test_a_refused_model_leads_to_the_others_of_its_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ollama(["tiny:0.5b", "large:70b"], lambda _: "I am only a parrot.") as server:
        monkeypatch.setattr(local_servers.running, "__defaults__", ((("Ollama", server.port),),))
        assert main(["doctor", "--judge", "--yes", "--data-dir", str(tmp_path)]) == 0
        line = capsys.readouterr().out
        assert "FIX  judge" in line
        assert "tiny:0.5b of Ollama" in line
        assert "refused as a judge: 2 of 2 replies were unusable" in line
        assert "to try another of its models: --llm large:70b" in line
        assert judge.chosen(settled(Settings()), Store.open(tmp_path), undecided=True).settings.grader == "embedded"


def test_a_judge_that_is_gone_after_the_session_leaves_the_ratings_as_they_are(
    server: Ollama, tmp_path: Path, questions: dict[str, Question]
) -> None:
    store, about = Store.open(tmp_path), trial_questions(questions)[0]
    session, transcript = store.begin(), Transcript.from_text(about.answers.strong)
    made = grade(about, transcript, Verdict(claims=(), grader="t"))
    store.save(session, Turn(question_id=about.id, transcript=transcript, grade=made, delivery=Delivery()))
    url = f"http://127.0.0.1:{server.port}/v1"
    settings = Settings(grader="llm", base_url=url, llm_model="good:7b", llm_timeout=5.0)
    assert graded_later(settings, store, session, questions) == "1 answer was graded by good:7b."
    assert store.session(session).turns[0].turn.grade.rating is Rating.STRONG
    gone = settings.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    assert graded_later(gone, store, session, questions).startswith("Your answers keep the ratings")
    assert store.session(session).turns[0].turn.grade.rating is Rating.STRONG
