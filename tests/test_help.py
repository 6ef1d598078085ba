"""What a new user sees first: a greeting, help with examples that work, completion."""

from __future__ import annotations

import argparse
import ast
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from agent.shell.advice import advised
from agent.shell.cli import main, parser
from agent.values.errors import MockInterviewError
from tests.conftest import ROOT


def commands(root: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield root
    for action in root._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in dict.fromkeys(action.choices.values()):
                yield from commands(inner)


COMMANDS = list(commands(parser()))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.prog)
def test_each_help_ends_with_an_example_that_can_be_typed(command: argparse.ArgumentParser) -> None:
    last = command.format_help().strip().split("\n\n")[-1]
    assert last.startswith(f"Example: {command.prog}".rstrip())
    words = shlex.split(" ".join(last.split()).removeprefix("Example: mock-interview "), comments=False)
    words = words[: words.index(">>")] if ">>" in words else words
    assert callable(parser().parse_args(words).run)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.prog)
def test_each_option_is_explained(command: argparse.ArgumentParser) -> None:
    options = [action for action in command._actions if action.option_strings]
    assert [action.option_strings for action in options if not action.help] == []


def test_the_program_alone_greets_and_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told = capsys.readouterr().out
    assert len(told.splitlines()) < 10
    for command in ("doctor", "practice", "web", "demo", "--help"):
        assert f"mock-interview {command}" in told


def test_bash_completes_commands_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    ask = (
        "\nCOMP_WORDS=(mock-interview {words}); COMP_CWORD={at}; "
        "$(complete -p mock-interview | sed 's/.*-F \\([^ ]*\\).*/\\1/') mock-interview {last} {before}; "
        'echo "${{COMPREPLY[@]}}"'
    )
    for words, at, last, before, wanted in (
        ("pra", 1, "pra", "mock-interview", "practice"),
        ("practice --sig", 2, "--sig", "practice", "--signal"),
        ("practice --grader e", 3, "e", "--grader", "embedded"),
    ):
        text = script + ask.format(words=words, at=at, last=last, before=before)
        done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, cwd=ROOT)
        assert done.stdout.split() == [wanted], done.stderr


@pytest.mark.skipif(shutil.which("zsh") is None and "NOTHING_SKIPPED" not in os.environ, reason="there is no zsh here")
def test_zsh_reads_its_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    done = subprocess.run(["zsh", "-n"], input=capsys.readouterr().out, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_each_code_of_an_error_has_its_advice() -> None:
    codes = {
        node.args[1].value
        for path in (ROOT / "agent").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id.endswith("Error")
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }
    assert codes >= {"piper", "whisper-model"}
    # Nothing on our command line changes the network or the length of an answer; the messages say what does.
    without = {code for code in codes if str(advised(MockInterviewError("", str(code)))) == ""}
    assert without <= {"network", "context", "it sent no choices"}
