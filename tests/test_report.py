"""The report: the model on real grades, the page's escaping, and the page as a real Chromium shows, reads and plays it.

The tests in Chromium are skipped where none is installed: `apt-get install chromium` brings one.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.logic.grading.grading import grade, ungraded
from agent.logic.reporting.build import report
from agent.logic.reporting.trend import direction
from agent.logic.reporting.values import RatedAnswer, Report, ReportedAnswer, SignalStanding
from agent.logic.speech.delivery import delivery
from agent.shell.report.charts import rating_fields, ticks
from agent.shell.report.page import render
from agent.shell.store.store import Store
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question, Rating
from agent.values.session import Clarified, Delivery, SavedTurn, Session, Turn
from agent.values.transcript import Transcript, Word

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
SOUND = ROOT / "audio_fixtures" / "refresh-strong.ogg"
FIRST = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
SAID = "I would watch the accuracy. It was trained on last winter. Once it drops below a threshold we retrain."
HOSTILE = "</script><script>document.title='owned'</script> <img src=x onerror=alert(1)> & \"quotes\""


@pytest.fixture(scope="module")
def about() -> Question:
    return load_questions([ROOT / "rubrics" / "recsys-5-refresh.yaml"])["recsys-refresh"]


def spoken(text: str) -> Transcript:
    """Two words a second, each with a short pause after it."""
    words = [Word(text=word, start_s=at / 2, end_s=at / 2 + 0.4) for at, word in enumerate(text.split())]
    return Transcript(words=tuple(words), duration_s=len(words) / 2)


def saved(about: Question, text: str, *claims: tuple[str, str], **more: Any) -> SavedTurn:
    """A turn whose claims are made by hand and whose grade is the real one."""
    transcript = more.pop("transcript", None) or spoken(text)
    verdict = Verdict(grader="by hand", claims=tuple(Claim(target=name, quote=quote) for name, quote in claims))
    result = grade(about, transcript, verdict, more.pop("hints_used", 0))
    audio, at = more.pop("audio", None), more.pop("at", FIRST)
    turn = Turn(question_id=about.id, transcript=transcript, grade=result, delivery=delivery(transcript), **more)
    return SavedTurn(turn=turn, at=at, audio=audio)


def session(number: int, *turns: SavedTurn) -> Session:
    started = FIRST + timedelta(days=3 * number)
    return Session(id=f"{started:%Y%m%d-%H%M%S}-abcd", started=started, turns=turns)


def made(about: Question, *sessions: Session, record: tuple[Session, ...] = ()) -> Report:
    return report(sessions, {about.id: about}, record)


def only(made: Report) -> ReportedAnswer:
    return made.sessions[0].questions[0].answers[0]


# The model


def test_a_transcript_is_cut_where_evidence_begins_and_ends_and_loses_no_word(about: Question) -> None:
    long, inner = "Once it drops below a threshold we retrain.", "below a threshold"
    item = only(
        made(
            about,
            session(
                1, saved(about, SAID, ("watch-basic", "watch the accuracy."), ("threshold", long), ("over-time", inner))
            ),
        )
    )
    assert " ".join(piece.text for piece in item.words) == SAID
    names = [[item.marks[at].label for at in piece.marks] for piece in item.words if piece.marks]
    basic, threshold, trend = "plain signs of quality", "acting at a threshold", "the trend over time"
    assert names == [[basic], [threshold], [threshold, trend], [threshold]]
    assert [piece.text for piece in item.words if len(piece.marks) == 2] == [inner]
    mark = next(mark for mark in item.marks if mark.label == trend)
    assert (mark.start_s, mark.end_s) == (7.0, 8.4)


def test_the_second_of_two_equal_sayings_is_marked_when_it_is_the_one_that_counted(about: Question) -> None:
    turn = saved(about, "we retrain often and so we retrain often", ("schedule", "we retrain often"))
    again = turn.turn.grade.points[5].model_copy(update={"start_s": 2.5, "end_s": 3.9})
    points = tuple(again if point.id == "schedule" else point for point in turn.turn.grade.points)
    moved = turn.turn.model_copy(update={"grade": turn.turn.grade.model_copy(update={"points": points})})
    item = only(made(about, session(1, turn.model_copy(update={"turn": moved}))))
    assert [piece.text for piece in item.words] == ["we retrain often and so", "we retrain often"]
    assert item.words[1].marks == (0,)


def test_what_is_missing_names_the_needs_of_the_next_level_and_the_hints_first(about: Question) -> None:
    item = only(made(about, session(1, saved(about, SAID, ("watch-basic", "watch the accuracy.")))))
    assert item.grade.rating is Rating.WEAK
    assert item.gaps
    assert all(gap.startswith("Strong asks for") for gap in item.gaps)
    assert item.missing[0].label == about.point(item.grade.hints[0].point_id).title
    assert item.missing[0].needed
    assert {point.label for point in item.missing}.isdisjoint({"plain signs of quality"})
    assert len(item.missing) == len(about.points) - 1


def test_points_have_their_titles_and_never_their_ids(about: Question) -> None:
    answer = session(1, saved(about, SAID, ("watch-basic", "watch the accuracy.")))
    untitled = tuple(point.model_copy(update={"title": None}) for point in about.points)
    older = about.model_copy(update={"points": untitled})
    first, second = (only(report([answer], {about.id: question})) for question in (about, older))
    assert first.marks[0].label == "plain signs of quality"
    assert second.marks[0].label == about.point("watch-basic").says.rstrip(".")
    assert all(point.says for point in first.missing)
    assert all(point.label and not point.says for point in second.missing)
    assert only(report([answer], {})).marks[0].label == "watch basic"
    for question in (about, older):
        assert not re.search(r">\s*[a-z]+(-[a-z]+)+\s*<", render(report([answer], {about.id: question})))


def test_an_answer_cut_off_after_a_graded_one_is_its_continuation(about: Question) -> None:
    graded = saved(about, SAID, ("watch-basic", "watch the accuracy."), audio=SOUND)
    cut = Turn(
        question_id=about.id,
        transcript=spoken("And then I would"),
        grade=ungraded(about, "The program ended before this answer was graded.", "none"),
        delivery=delivery(spoken("And then I would")),
        clarified=(Clarified(text="Is that about clicks?", point="models-age"),),
    )
    interrupted = SavedTurn(turn=cut, at=FIRST, audio=SOUND, interrupted=True)
    done = made(about, session(1, graded, interrupted))
    assert [item.heading for item in done.sessions[0].questions[0].answers] == ["Try 1", "Try 1, continued"]
    page = render(done)
    assert "And then I would" in page
    assert "Is that about clicks?" in page
    assert page.count('src="data:audio/ogg') == 2


def test_gaps_that_the_recognizer_leaves_in_numbers_are_closed(about: Question) -> None:
    text = "I watch 10 ,000 rows. Below 3 .5 we retrain."
    item = only(made(about, session(1, saved(about, text, ("threshold", "Below 3 .5 we retrain.")))))
    assert [piece.text for piece in item.words] == ["I watch 10,000 rows.", "Below 3.5 we retrain."]
    assert item.marks[0].quote == item.best == "Below 3.5 we retrain."


def test_a_misconception_stands_with_what_is_right(about: Question) -> None:
    wrong = about.misconceptions[0]
    item = only(made(about, session(1, saved(about, f"{SAID} {wrong.exemplars[0]}", (wrong.id, wrong.exemplars[0])))))
    [mark] = [mark for mark in item.marks if mark.kind == "misconception"]
    assert mark.truth == wrong.truth
    assert mark.quote == wrong.exemplars[0]


def test_tries_stand_beside_one_another_and_only_the_first_counts(about: Question) -> None:
    first = saved(about, SAID, ("watch-basic", "watch the accuracy."))
    second = saved(about, SAID, ("watch-basic", "watch the accuracy."), ("threshold", "below a threshold"), attempt=2)
    done = made(about, session(1, first, second))
    [asked] = done.sessions[0].questions
    assert [item.heading for item in asked.answers] == ["Try 1", "Try 2"]
    assert asked.change == "Still weak, but you covered more."
    assert [len(row.answers) for row in done.standings] == [1]
    assert [answer.level for answer in asked.references] == ["strong", "very strong"]


def test_an_earlier_session_is_reported_but_linked_only_when_it_is_in_the_report(about: Question) -> None:
    one, two = (session(number, saved(about, SAID, ("schedule", "we retrain."))) for number in (1, 2))
    [past] = made(about, two, record=(one,)).sessions[0].questions[0].earlier
    assert (past.rating, past.anchor) == ("weak", None)
    [past] = made(about, one, two).sessions[0].questions[0].earlier
    assert past.anchor == "answer-1-1"


def test_the_last_answer_stands_beside_this_one_with_what_is_new(about: Question) -> None:
    old = saved(about, SAID, ("watch-basic", "watch the accuracy."))
    new = saved(about, SAID, ("threshold", "below a threshold we retrain."))
    one, two = session(1, old), session(2, new)
    assert made(about, one).sessions[0].questions[0].comparison is None
    both = made(about, two, record=(one,)).sessions[0].questions[0].comparison
    assert both is not None
    assert (both.then.saved, both.now.saved) == (old, new)
    assert about.point("threshold").title in both.gained
    assert about.point("watch-basic").title in both.lost
    page = render(made(about, one, two))
    assert page.count("Last time and this time, side by side") == 1
    assert "New this time" in page
    assert len(re.findall(r'id="([^"]+)"', page)) == len(set(re.findall(r'id="([^"]+)"', page)))


def test_the_report_says_what_to_work_on_by_name(about: Question) -> None:
    answer = saved(about, SAID, ("watch-basic", "watch the accuracy."))
    [item, *_] = made(about, session(1, answer)).sessions[0].work_on
    assert item.point_id == answer.turn.grade.hints[0].point_id
    page = render(made(about, session(1, answer)))
    assert "To work on" in page
    assert item.title in page


def test_a_wrong_statement_is_never_called_by_its_id(about: Question) -> None:
    wrong = about.misconceptions[0]
    page = render(made(about, session(1, saved(about, f"{SAID} {wrong.exemplars[0]}", (wrong.id, wrong.exemplars[0])))))
    assert wrong.id not in page
    assert wrong.id.replace("-", " ") not in page


@pytest.mark.parametrize(
    ("count", "says"),
    [(1, "Only 1 session so far: too few"), (2, "Only 2 sessions so far: too few"), (3, "Weak in all 3 sessions.")],
)
def test_few_sessions_are_called_few(about: Question, count: int, says: str) -> None:
    sessions = [session(number, saved(about, SAID, ("schedule", "we retrain."))) for number in range(count)]
    [progress] = made(about, *sessions).progress
    assert says in progress.text


@pytest.mark.parametrize(
    ("values", "way"),
    [
        ([], 0),
        ([1.0], 0),
        ([0, 1, 2], 0),
        ([1, 1, 1, 1, 1, 1], 0),
        ([0, 2, 0, 2, 0, 2, 0, 2], 0),
        ([0, 0, 1, 1, 2, 2, 3], 1),
        ([3, 2, 2, 1, 1, 0, 0], -1),
    ],
)
def test_a_trend_is_reported_only_when_chance_is_an_unlikely_cause(values: list[float], way: int) -> None:
    assert direction(values) == way


def test_an_answer_that_was_gone_on_with_stands_once_and_whole(about: Question) -> None:
    begun = saved(about, SAID, ("watch-basic", "watch the accuracy."))
    whole = saved(about, SAID, ("watch-basic", "watch the accuracy."), ("threshold", "below a threshold"))
    done = made(about, session(1, begun, whole))
    [asked] = done.sessions[0].questions
    assert [item.saved for item in asked.answers] == [whole]
    assert asked.change == ""
    assert [len(row.answers) for row in done.standings] == [1]


def test_where_the_agent_spoke_the_candidate_did_not_pause(about: Question) -> None:
    said = (("we", 0.0), ("retrain", 1.0), ("then", 9.0))
    words = [Word(text=word, start_s=at, end_s=at + 0.4) for word, at in said]
    answer = saved(about, "", transcript=Transcript(words=tuple(words), duration_s=10.0))
    turn = answer.turn.model_copy(update={"delivery": Delivery(longest_pause_s=0.6)})
    pause = only(made(about, session(1, answer.model_copy(update={"turn": turn})))).longest_pause
    assert pause is not None
    assert (pause.start_s, pause.end_s) == (0.4, 1.0)


def test_what_has_no_rating_or_no_question_any_more_is_reported(about: Question) -> None:
    grade_ = ungraded(about, "No answer was heard.", "by hand")
    turn = Turn(question_id=about.id, transcript=Transcript(), grade=grade_, delivery=Delivery())
    cut_off = session(1, SavedTurn(turn=turn, at=FIRST, interrupted=True))
    gone = session(2, saved(about, SAID, ("schedule", "we retrain.")))
    done = report([cut_off, gone], {})
    assert (done.ungraded, [row.rating for row in done.standings]) == (1, [Rating.WEAK])
    page = render(done)
    assert "You made every point on the list" not in page
    assert "Interrupted." in page
    assert "No answer was heard." in page
    assert "no longer contain this question" in page


# The page as text


def test_whatever_was_said_stays_text(about: Question) -> None:
    claims = (("watch-basic", f"{HOSTILE} accuracy"),)
    page = render(
        made(about, session(1, saved(about, f"{HOSTILE} accuracy", *claims, clarified=(Clarified(text=HOSTILE),))))
    )
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_page_asks_nothing_of_anybody(about: Question) -> None:
    page = render(made(about, session(1, saved(about, SAID, ("schedule", "we retrain."), audio=SOUND))))
    assert not re.findall(r"https?://[^\s\"'<>]+", page)
    assert "default-src 'none'" in page
    assert 'src="data:audio/ogg;base64,' in page


def test_ids_are_unique_and_charts_hold_text_and_no_color_of_their_own(about: Question) -> None:
    sessions = [session(number, saved(about, SAID, ("schedule", "we retrain."))) for number in range(4)]
    page = render(made(about, *sessions))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    svg = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert ">very strong</text>" in svg
    assert not re.findall(r"#[0-9a-f]{6}\b|(?:fill|stroke|style)=", svg)


def test_signals_and_figures_stay_text_in_the_charts(about: Question) -> None:
    hostile = about.model_copy(update={"signal": HOSTILE})
    graded = saved(hostile, SAID, ("watch-basic", "watch the accuracy."))
    page = render(report([session(1, graded)], {about.id: hostile}))
    assert page.count("<script>") == 1
    assert "<img" not in page


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0.0, 112.0, [0, 50, 100]),
        (120.0, 196.0, [120, 140, 160, 180]),
        (0.0, 1.12, [0, 0.5, 1]),
        (0.0, 8.7, [0, 2.5, 5, 7.5]),
        (0.0, 4.0, [0, 1, 2, 3, 4]),
    ],
)
def test_axes_have_two_to_five_round_numbers(low: float, high: float, values: list[float]) -> None:
    assert ticks(low, high) == values


def test_every_answer_has_a_dot_inside_its_drawing(about: Question) -> None:
    answers = tuple(RatedAnswer(session=1, rating=Rating.WEAK, confidence=at / 300) for at in range(300))
    few = SignalStanding(signal="a", rating=Rating.WEAK, meaning="", answers=answers[:1])
    many = few.model_copy(update={"answers": answers})
    heights = set()
    for standing in (few, many):
        drawn = rating_fields(standing, [few, many])
        heights |= {re.findall(r'viewBox="0 0 90 (\S+)"', svg)[0] for svg in drawn.values()}
        dots = re.findall(r'cx="(\S+)" cy="(\S+)"', drawn[Rating.WEAK])
        assert len(dots) == len(standing.answers)
        assert all(0 < float(x) < 90 for x, _ in dots)
        assert "circle" not in drawn[Rating.STRONG]
    assert len(heights) == 1
    assert 0 < float(heights.pop()) < 120


def test_beyond_the_limit_the_earlier_sound_is_left_out_and_it_is_said_so(about: Question) -> None:
    sessions = [session(number, saved(about, SAID, ("schedule", "we retrain."), audio=SOUND)) for number in range(2)]
    page = render(made(about, *sessions), most_sound=int(1.5 * SOUND.stat().st_size))
    assert page.count("data:audio/ogg") == 1
    assert "left out to keep this page small" in page


def test_typed_or_removed_answers_have_no_buttons(about: Question, tmp_path: Path) -> None:
    typed = saved(about, SAID, ("schedule", "we retrain."), transcript=Transcript.from_text(SAID))
    lost = saved(about, SAID, ("schedule", "we retrain."), audio=tmp_path / "removed.flac")
    page = render(made(about, session(1, typed, lost)))
    assert "data-start" not in page
    assert "<audio" not in page
    assert "<mark" in page


# The command


@pytest.fixture
def folder(tmp_path: Path, about: Question) -> Path:
    store = Store.open(tmp_path / "data")
    for _ in range(2):
        session_id = store.begin()
        store.save(session_id, saved(about, SAID, ("schedule", "we retrain.")).turn, read_clip(SOUND))
        store.finish(session_id)
    return store.folder


def test_the_command_writes_the_latest_session_or_all_in_one_line(folder: Path, command: Callable[..., Any]) -> None:
    out = folder.parent / "page.html"
    rubrics = ROOT / "rubrics" / "recsys-5-refresh.yaml"
    for which, answers in (((), 1), (("all",), 2)):
        done = command("report", *which, "--data-dir", folder, "--out", out, "--rubrics", rubrics)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"Wrote {out}")
        assert done.stdout.count("\n") == 1
        assert out.read_text("utf-8").count('src="data:audio/flac') == answers


def test_the_command_says_what_cannot_be_done(folder: Path, command: Callable[..., Any]) -> None:
    rubrics = ROOT / "rubrics" / "recsys-5-refresh.yaml"
    empty = command("report", "--data-dir", folder.parent / "none", "--rubrics", rubrics)
    unknown = command("report", "yesterday", "--data-dir", folder, "--rubrics", rubrics)
    nowhere = command("report", "--data-dir", folder, "--rubrics", rubrics, "--out", folder / "no" / "page.html")
    for done, says in ((empty, "no sessions are saved"), (unknown, "yesterday"), (nowhere, "cannot be written")):
        assert done.returncode == 2
        assert says in done.stderr
        assert done.stderr.count("\n") == 1


# The page in Chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("no Chromium is installed")
    # Chromium's sandbox refuses to run as root, as in containers.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        shown = started.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield shown
        shown.close()


@pytest.fixture(scope="module")
def page_file(about: Question, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty sessions with real grades of the reference answers, every fifth with its sound; the last one shows all."""
    judge = EmbeddedGrader()
    texts = [about.answers.of(level) for level in Rating]
    graded = {text: grade(about, spoken(text), judge.claim(about, spoken(text))) for text in texts}

    def answer(text: str, **more: Any) -> SavedTurn:
        return saved(about, text, **more).model_copy(
            update={"turn": saved(about, text, **more).turn.model_copy(update={"grade": graded[text]})}
        )

    sessions = [
        session(number, answer(texts[number // 8], audio=None if number % 5 else SOUND)) for number in range(29)
    ]
    wrong = about.misconceptions[0]
    played = saved(about, SAID, ("watch-basic", "watch the accuracy."), ("threshold", "below a threshold"), audio=SOUND)
    mistaken = saved(about, f"{HOSTILE} {wrong.exemplars[0]}", (wrong.id, wrong.exemplars[0]), attempt=2, hints_used=1)
    path = tmp_path_factory.mktemp("report") / "page.html"
    path.write_text(render(made(about, *sessions, session(30, played, mistaken))), "utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, page_file: Path) -> Iterator[Callable[..., Page]]:
    """Opens the page; an error in it, a refused load or a request fails the test."""
    faults: list[str] = []
    pages: list[Page] = []

    def open_page(**options: Any) -> Page:
        page = browser.new_page(**options)
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on(
            "request",
            lambda request: faults.extend([] if request.url.startswith(("file:", "data:")) else [request.url]),
        )
        page.goto(page_file.as_uri())
        return page

    yield open_page
    for page in pages:
        page.close()
    assert faults == []


def until(page: Page, expression: str) -> None:
    """Playwright's own way of waiting needs `eval`, which the page's policy rightly refuses."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {expression}")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("unfolded", [False, True])
def test_axe_finds_nothing(opened: Callable[..., Page], scheme: str, unfolded: bool) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(color_scheme=scheme, viewport={"width": 1100, "height": 900})
    if unfolded:
        page.locator("details").evaluate_all("all => all.slice(0, 40).forEach(part => part.open = true)")
    found = axe.Axe().run(page).response["violations"]
    assert [(item["id"], item["impact"], item["nodes"][0]["html"]) for item in found] == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 768])
def test_nothing_is_wider_than_the_screen(opened: Callable[..., Page], width: int) -> None:
    page = opened(viewport={"width": width, "height": 740})
    page.get_by_role("button", name="Unfold all").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [320, 360, 768, 1100])
def test_no_rating_is_wider_than_its_frame(opened: Callable[..., Page], width: int) -> None:
    page = opened(viewport={"width": width, "height": 740})
    page.get_by_role("button", name="Unfold all").click()
    # Bold as the rating is, and as wide as letters get.
    page.add_style_tag(content=".scale li, .fields > div { font-weight: 700; font-family: 'DejaVu Sans', Verdana; }")
    wider = "all => all.filter(box => box.scrollWidth > box.clientWidth).map(box => box.textContent)"
    assert page.locator(".scale li, .fields > div, .fields span").evaluate_all(wider) == []
    assert page.locator(".scale").evaluate_all(wider) == []


def test_the_keyboard_plays_a_moment_from_its_start_to_its_end(opened: Callable[..., Page]) -> None:
    page = opened()
    button = page.get_by_role("button", name="acting at a threshold, play from 0:07.0 to 0:08.4")
    button.focus()
    assert button.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    sound = page.locator(f"#{button.get_attribute('data-sound')}")
    sound.evaluate("s => s.addEventListener('playing', () => window.begun = s.currentTime)")
    page.keyboard.press("Enter")
    until(page, "window.begun !== undefined")
    assert page.locator("[role=status]").text_content() == "Playing acting at a threshold"
    until(page, f"document.getElementById('{button.get_attribute('data-sound')}').paused")
    assert 6.9 <= page.evaluate("window.begun") < 8.4
    # How soon it is noticed that the moment is over depends on the machine, not on us.
    assert 8.3 <= sound.evaluate("s => s.currentTime") < 10.4
    assert "playing" not in (button.get_attribute("class") or "")


def test_a_click_on_the_words_plays_them_and_a_second_one_stops(opened: Callable[..., Page]) -> None:
    page = opened()
    mark = page.locator("mark[data-moment]", has_text="watch the accuracy.")
    mark.click()
    until(page, "[...document.querySelectorAll('audio')].some(s => !s.paused && s.currentTime > 1)")
    mark.click()
    until(page, "[...document.querySelectorAll('audio')].every(s => s.paused)")


def test_another_moment_of_the_same_answer_plays_at_the_first_click(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("mark[data-moment]", has_text="watch the accuracy.").click()
    until(page, "[...document.querySelectorAll('audio')].some(s => !s.paused && s.currentTime > 1)")
    page.locator("mark[data-moment]", has_text="below a threshold").click()
    until(page, "[...document.querySelectorAll('audio')].some(s => !s.paused && s.currentTime > 7)")


def test_what_was_said_does_nothing_and_a_link_opens_what_is_folded(opened: Callable[..., Page]) -> None:
    page = opened()
    assert page.title() == "Interview report"
    assert page.locator("main img").count() == 0
    target = page.locator("#answer-28-1")
    assert not target.is_visible()
    page.locator("a[href='#answer-28-1']").first.click()
    target.wait_for(state="visible")


def test_folded_parts_stay_folded_on_paper(opened: Callable[..., Page]) -> None:
    page = opened()
    page.emulate_media(media="print")
    assert not page.locator(".reference p").first.is_visible()
    assert not page.locator("audio").first.is_visible()
    assert page.locator("#answer-30-1 .transcript").is_visible()
    page.locator(".reference summary").first.click()
    assert page.locator(".reference p").first.is_visible()
