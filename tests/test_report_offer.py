"""The report is offered at the end of a session, and only to somebody who sits at a terminal."""

from __future__ import annotations

import io
import webbrowser
from contextlib import nullcontext
from pathlib import Path

import pytest

from agent.interview.setup import InterviewSetup
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.shell.cli import main
from agent.shell.interruption import INTERRUPTED
from agent.shell.report.offer import NAME, offer_report
from agent.shell.session_runner import SessionOutcome
from agent.shell.store.store import Store
from tests.sessions import answered, question
from tests.test_faults import World


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "opened"), [("y\n", 1), ("yes\n", 1), ("n\n", 0), ("\n", 0), ("", 0)])
def test_it_opens_on_a_yes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, opened: int) -> None:
    store, pages = Store.open(tmp_path / "data"), list[str]()
    session_id = store.begin()
    store.save(session_id, answered(question()))
    store.finish(session_id)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setattr(webbrowser, "open", pages.append)
    offer_report(store, {question().id: question()})
    assert len(pages) == opened
    assert NAME.exists() is bool(opened)


@pytest.mark.parametrize(("status", "offers"), [(0, 1), (INTERRUPTED, 0)])
def test_after_ctrl_c_nothing_is_asked(
    status: int, offers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended:
        session_id = None

        def run(self, *_: object) -> SessionOutcome:
            return SessionOutcome([answered(question())], status)

    offered = list[object]()
    world = World()
    setup = InterviewSetup(world, world, world, world, world, world, world, EndpointingPolicy())
    monkeypatch.setattr("agent.shell.commands.practice._ready", lambda *_: (Ended(), setup))
    monkeypatch.setattr("agent.shell.commands.practice._keys", lambda *_: nullcontext(True))
    monkeypatch.setattr("agent.shell.report.offer.offer_report", lambda *given: offered.append(given))
    given = ["practice", "--question", "recsys-refresh", "--grader", "embedded", "--data-dir", str(tmp_path)]
    assert main(given) == status
    assert len(offered) == offers


def test_nobody_is_asked_where_nobody_can_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    monkeypatch.setattr("sys.stdout", out)
    offer_report(Store.open(tmp_path), {})
    assert out.getvalue() == ""
