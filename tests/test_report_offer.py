"""The report is offered at the end of a session, and only to somebody who sits at a terminal."""

from __future__ import annotations

import io
import webbrowser
from pathlib import Path

import pytest

from agent.shell.report.offer import NAME, offer_report
from agent.shell.store.store import Store
from tests.test_store import answered, question


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


def test_nobody_is_asked_where_nobody_can_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    monkeypatch.setattr("sys.stdout", out)
    offer_report(Store.open(tmp_path), {})
    assert out.getvalue() == ""
