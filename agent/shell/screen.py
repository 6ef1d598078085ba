"""What the terminal shows; independent of audio. Readable without color and in 80 columns."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as RichText

from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    AnswerDrafted,
    AudioLevel,
    Event,
    InterviewConcluded,
    ListeningEnded,
    ListeningStarted,
    PartialTranscript,
    ProblemReported,
    QuestionAsked,
    RequestRecognized,
)
from agent.logic.grading.coaching import corrections
from agent.logic.grading.naming import title_of
from agent.logic.grading.overall import MEANING, SignalRating
from agent.logic.grading.work_on import WorkItem
from agent.logic.speech.delivery import cleaned, remark
from agent.logic.speech.spacing import close_gaps
from agent.shell.terminal import printable, program, unfiltered
from agent.values.grade import Grade
from agent.values.rubric import Question, Rating, in_words
from agent.values.session import Turn

SAVED = "Saved. To see it: {program} history show {name}\nAll of it on a page, with its sound: {program} report"
_BAR = 16
_SIGNAL_WIDTH = 16
_QUOTE = 200
"""Maximum characters of a quote: about two and a half lines, so that it includes the decisive words."""
_STYLE = {Rating.VERY_WEAK: "red", Rating.WEAK: "yellow", Rating.STRONG: "green", Rating.VERY_STRONG: "bold green"}


class Screen:
    """Shows the events of an interview as they arrive."""

    def __init__(self, *, quiet: bool = False, to_stderr: bool = False, ratings: bool = True) -> None:
        """`ratings` False shows no ratings, because they come in the debrief."""
        self._ratings = ratings
        stream = unfiltered(sys.stderr if to_stderr else sys.stdout)
        width = min(Console(file=stream).width, 88)
        self._console = Console(file=stream, quiet=quiet, highlight=False, width=width)
        self._live = stream.isatty() and not quiet
        self._question: Question | None = None
        self._partial = ""

    def show(self, event: Event) -> None:
        """Shows one event."""
        match event:
            case QuestionAsked():
                self._asked(event)
            case AudioLevel() | PartialTranscript():
                self._listening(event)
            case AnswerDrafted(turn=turn):
                self._line("You", cleaned(turn.transcript.text) or "(nothing was heard)")
            case AnswerCompleted(turn=turn):
                if self._question is not None:
                    self.turn(self._question, turn)
            case InterviewConcluded(ratings=ratings, work_on=items):
                self.overall(ratings)
                self.work_on(items)
            case _:
                self._talk(event)

    def _talk(self, event: Event) -> None:
        self._clear()
        match event:
            case AgentSpeaks(text=text):
                self._line("Agent", text)
            case ListeningStarted():
                self._partial = ""
                self._console.print("[bold]Listening[/bold] ... take your time")
            case ListeningEnded(seconds=seconds):
                self._console.print(f"[dim]Heard {seconds:.0f} seconds; transcribing and grading ...[/dim]")
            case RequestRecognized(what=what):
                self._console.print(_text(f"  ({what})", style="dim"))
            case ProblemReported(text=text):
                self._line("Note", text)
            case _:
                pass

    def _asked(self, event: QuestionAsked) -> None:
        self._question = event.question
        again = f", attempt {event.attempt}" if event.attempt > 1 else ""
        signal = in_words(event.question.signal)
        self._console.rule(f"Question {event.number} of {event.of}  {signal}{again}", align="left")
        if event.why:
            self._console.print(_text(event.why, style="dim"))

    def _line(self, who: str, text: str) -> None:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=6, style="bold")
        table.add_column()
        table.add_row(who, _text(text))
        self._console.print(table)

    def _listening(self, event: AudioLevel | PartialTranscript) -> None:
        """One line that is written over: time, speech or pause, level, and the last words that are known."""
        if isinstance(event, PartialTranscript):
            self._partial = printable(event.running)
            return
        if not self._live:
            return
        bar = "#" * min(_BAR, round(event.peak * 2 * _BAR))
        state = f"  {event.seconds:5.1f} s  {'speech' if event.speaking else 'pause '} [{bar:{_BAR}}] "
        room = max(4, self._console.width - len(state) - 1)
        words = self._partial[-room:] if len(self._partial) <= room else "..." + self._partial[3 - room :]
        self._console.file.write("\r" + (state + f"{words:{room}}")[: self._console.width - 1])
        self._console.file.flush()

    def _clear(self) -> None:
        if self._live:
            self._console.file.write("\r" + " " * (self._console.width - 1) + "\r")

    def turn(self, question: Question, turn: Turn) -> None:
        """The rating on its scale, points with quotes, and the next step."""
        if not self._ratings:
            return
        grade = turn.grade
        if grade.rating is None:
            self._console.print(_text(f"Not graded: {grade.ungraded_reason}"))
            return
        self._console.print(self._scale(question, grade.rating, grade))
        for note in grade.notes:
            # An endpoint's message may contain anything, including text that looks like Rich's markup.
            self._console.print(Padding(_text(note, style="dim"), (0, 0, 0, 2)))
        self._points(question, grade)
        for wrong in corrections(question, grade):
            self._console.print(
                Padding(_text(f'[!] "{_short(close_gaps(wrong.quote), 40)}" {wrong.truth}'), (0, 0, 0, 2))
            )
        for hint in grade.hints:
            self._console.print(Padding(_text(f"--> {hint.text}"), (0, 0, 0, 2)))
        self._delivery(turn)

    def _points(self, question: Question, grade: Grade) -> None:
        for repair in grade.repaired:
            self._console.print(Padding(_text(f'"{repair.heard}" read as {repair.term}', style="dim"), (0, 0, 0, 2)))
        for point in grade.points:
            if point.met:
                at = f" ({point.start_s:.0f} s)" if point.start_s is not None else ""
                self._console.print(Padding(_text(f"[x] {title_of(question, point.id)}{at}"), (0, 0, 0, 2)))
                said = _short(close_gaps(point.quote or ""), _QUOTE)
                self._console.print(Padding(_text(f'"{said}"', style="dim"), (0, 0, 0, 6)))
        missed = [title_of(question, point.id) for point in grade.points if not point.met]
        if missed:
            self._console.print(Padding(_text("[ ] not heard: " + "; ".join(missed), style="dim"), (0, 0, 0, 2)))

    def _scale(self, question: Question, rating: Rating, grade: Grade) -> RichText:
        text = _text("Rating  ")
        for level in Rating:
            name = question.level_name(level)
            text.append(f"[{name}]" if level is rating else f" {name} ", _STYLE[level] if level is rating else "dim")
        unsure = grade.is_unsure and grade.alternative is not None
        other = f", perhaps {question.level_name(grade.alternative)}" if unsure and grade.alternative else ""
        return text.append(f"   sure {grade.confidence:.0%}{other}", "dim")

    def _delivery(self, turn: Turn) -> None:
        spoken = turn.delivery
        if spoken.words_per_minute is not None:
            pause = f", longest pause {spoken.longest_pause_s:.1f} s" if spoken.longest_pause_s is not None else ""
            self._console.print(
                f"  [dim]{spoken.words} words in {spoken.talk_s:.0f} s, "
                f"{spoken.words_per_minute:.0f} per minute{pause}[/dim]"
            )
        advice = remark(spoken)
        if advice:
            self._console.print(Padding(_text(f"On how you spoke: {advice}", style="dim"), (0, 0, 0, 2)))

    def overall(self, ratings: Sequence[SignalRating]) -> None:
        """The rating per signal and what it means."""
        if not self._ratings:
            return
        self._console.rule("Overall", align="left")
        table = Table.grid(padding=(0, 1))
        table.add_column(min_width=_SIGNAL_WIDTH)
        table.add_column(min_width=max(len(level.spoken) for level in Rating))
        table.add_column()
        for item in ratings:
            table.add_row(_text(in_words(item.signal)), item.rating.spoken, MEANING[item.rating])
        self._console.print(table)

    def saved(self, session_id: str) -> None:
        """Reports that the session is saved."""
        self.note(SAVED.format(program=program(), name=session_id))

    def work_on(self, items: Sequence[WorkItem]) -> None:
        """What to work on next, with the question that leads to each."""
        if not items:
            return
        self._console.rule("To work on", align="left")
        for number, item in enumerate(items, start=1):
            self._console.print(_text(f"{number}. {item.title} ({item.subject})"))
            self._console.print(Padding(_text(f"{item.nudge} {item.why}", style="dim"), (0, 0, 0, 3)))

    def note(self, text: str) -> None:
        """A line from the program itself."""
        self._console.print(_text(text))


def _short(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 4].rsplit(" ", 1)[0] + " ..."


def _text(text: str, style: str = "") -> RichText:
    """Text that may come from a rubric, a transcript or a server: no markup, no escape sequences."""
    return RichText(printable(text), style=style)
