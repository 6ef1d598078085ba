"""The page against the terminal: how long the candidate waits for the first sound, and memory over two hours.

    python -m benchmarks.web_page latency [--rounds 3]
    python -m benchmarks.web_page memory [--minutes 120]
    python -m benchmarks.web_page start [--rounds 3]

latency: the same answer, models and interview loop, in one process, in turn. In the terminal's row a microphone gives
frames in real time and the loudspeaker notes when it is first used (a sound card adds its own latency to both rows
alike); in the page's row a real Chromium records the answer and notes when a loud sample is played. The wait is
counted from the last loud sample of the answer.

memory: a page sends answers of four minutes sixty times as fast as life, with scripted models, so that what grows is
the server and not Whisper. Prints the resident memory of the process.

start: the program anew each time, all its questions and models, and a browser that is already open: seconds from the
command to the printed address, from opening that to a page whose Start button can be pressed, and to all choices
(which need the questions); and the bytes of the page.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np

from agent.adapters.audio_file import read_clip
from agent.adapters.framing import resampled
from agent.interview.controls import Controls
from agent.interview.interview import Interview, in_order
from agent.shell.web.models import LoadedModels
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from benchmarks.web_hours import server
from tests.conftest import FIXTURES
from tests.web_browser import Watched, chromium, opened
from tests.web_pages import RATE, Site, WebPage, is_listening

QUESTION, ANSWER = "recsys-metrics", "metrics-strong.ogg"
ANSWER_S = 240.0
BLOCK_S = 0.5


class RealTimeMicrophone:
    """A recording at the speed of life, and silence around it."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.begun: float | None = None
        """When the recording began; None before speak()."""

    def speak(self) -> None:
        """Begins the recording."""
        self.begun = time.perf_counter()

    def frames(self) -> Generator[Clip, None, None]:
        """Frames as they come."""
        due = time.perf_counter()
        while True:
            due += FRAME / WHISPER_RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            yield Clip(samples=self._now(), rate=WHISPER_RATE)

    def _now(self) -> Samples:
        silence = np.zeros(FRAME, np.float32)
        if self.begun is None:
            return silence
        at = round((time.perf_counter() - self.begun) * WHISPER_RATE / FRAME) * FRAME
        frame = self._samples[at : at + FRAME]
        return frame if len(frame) == FRAME else silence


class NotingSpeaker:
    """Takes as long as the sound does; notes the first one after a moment, and then ends the interview."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.after: float | None = None
        self.waited = 0.0

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """True, unless interrupted."""
        begun = time.perf_counter()
        if self.after is not None and begun > self.after:
            self.waited = begun - self.after
            self._controls.stop()
        ends = begun + clip.seconds
        while time.perf_counter() < ends:
            if until is not None and until():
                return False
            time.sleep(0.02)
        return True


def last_loud_s(samples: Samples, rate: int) -> float:
    """Seconds to the end of the speech."""
    return float(np.flatnonzero(np.abs(samples) > 0.02)[-1]) / rate


def in_terminal(site: Site, samples: Samples) -> float:
    """Seconds from the end of the answer to the first use of the loudspeaker."""
    controls = Controls()
    microphone, speaker = RealTimeMicrophone(samples), NotingSpeaker(controls)
    setup = site.host.models.setup(site.host.settings, microphone, speaker, controls)
    question = site.host.questions[QUESTION]
    for event in Interview(in_order([question]), 1, setup).events():
        if event.kind == "listening_started" and microphone.begun is None:
            microphone.speak()
            assert microphone.begun is not None
            speaker.after = microphone.begun + last_loud_s(samples, WHISPER_RATE)
    return speaker.waited


def in_page(shown: Watched, clip: Clip) -> float:
    """Seconds from the end of the answer to the first loud sample that the page plays."""
    page = shown.page
    shown.choose(QUESTION)
    page.uncheck("#save")
    page.click("#start")
    shown.state("listening", 120)
    page.wait_for_timeout(400)
    page.evaluate("rig.soundSince = 0")
    shown.speak(clip)
    shown.until("rig.soundSince > 0", 120)
    waited = page.evaluate("rig.soundSince - rig.saidAt") / 1000 - last_loud_s(clip.samples, clip.rate)
    page.click('[data-intent="stop"]')
    shown.state("ended", 60)
    page.evaluate("location.hash = 'rehearse'")
    return float(waited)


def latency(rounds: int) -> None:
    """Prints a row for each round."""
    clip = read_clip(FIXTURES / ANSWER)
    samples = resampled(clip, WHISPER_RATE)
    with Site(Path(tempfile.mkdtemp()), models=LoadedModels) as site, chromium() as browser:
        site.host.models.loaded.wait()
        shown = opened(browser, site.server.access.entry)
        # What is noted of the page's sound comes in blocks, which are part of the wait.
        shown.page.evaluate("rig.block = 256")
        rows = []
        print(f"{'round':>6}{'terminal':>12}{'page':>10}{'difference':>12}")
        for number in range(1, rounds + 1):
            terminal, page = in_terminal(site, samples), in_page(shown, clip)
            rows.append((terminal, page))
            print(f"{number:>6}{terminal:>10.2f} s{page:>8.2f} s{page - terminal:>+10.2f} s", flush=True)
        medians = np.median(np.array(rows), axis=0)
        print(f"{'median':>6}{medians[0]:>10.2f} s{medians[1]:>8.2f} s{medians[1] - medians[0]:>+10.2f} s")


def resident_mb() -> float:
    """Of this process, now."""
    fields = Path("/proc/self/statm").read_text("utf-8").split()
    return int(fields[1]) * 4096 / 1e6


def one_answer(page: WebPage, seconds: float) -> None:
    """Speaks for so long, faster than life, then is silent until it is graded, and tries again."""
    count = len(page.values["feedback"])
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, round(BLOCK_S * RATE)).astype(np.float32)
    for _ in range(round(seconds / BLOCK_S)):
        page.record_whole(noise)
        page.drain()
    while len(page.values["feedback"]) == count:
        page.record_whole(np.zeros(len(noise), np.float32))
        page.drain()
        time.sleep(0.01)


def memory(minutes: float) -> None:
    """Prints a row for each answer."""
    with Site(Path(tempfile.mkdtemp())) as site:
        status, answer = site.post("/api/start", questions=["recsys-refresh"], keep_audio=True)
        assert status == 200, answer
        page = site.page().ready()
        page.until(is_listening)
        print(f"{'audio':>10}{'resident':>12}")
        for number in range(1, round(minutes * 60 / ANSWER_S) + 1):
            one_answer(page, ANSWER_S)
            print(f"{number * ANSWER_S / 60:>6.0f} min{resident_mb():>9.0f} MB", flush=True)
            page.until(is_listening)
            page.send(type="press", intent="try again")
            page.until(lambda values: not is_listening(values))
            page.until(is_listening)
        page.send(type="stop")
        page.until(lambda values: values["phase"] == "ended")


def start(rounds: int) -> None:
    """Prints a row for each start of the program."""
    with chromium() as browser:
        print(f"{'round':>6}{'address':>10}{'usable':>10}{'choices':>10}{'bytes':>10}")
        rows = []
        for number in range(1, rounds + 1):
            begun = time.perf_counter()
            with server(Path(tempfile.mkdtemp())) as (_, address):
                printed = time.perf_counter()
                shown = opened(browser, address)
                shown.page.wait_for_selector("#start:enabled")
                usable = time.perf_counter()
                shown.until("document.getElementById('count').value !== ''")
                chosen = time.perf_counter()
                static = sum(size for url, size in shown.bytes.items() if "/static/" in url or url.endswith("/"))
                rows.append((printed - begun, usable - printed, chosen - printed))
                figures = "".join(f"{seconds:>8.2f} s" for seconds in rows[-1])
                print(f"{number:>6}{figures}{static:>10}", flush=True)
                shown.page.context.close()
        medians = np.median(np.array(rows), axis=0)
        print(f"{'median':>6}" + "".join(f"{seconds:>8.2f} s" for seconds in medians))


def main() -> None:
    """One of the three."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("latency", "memory", "start"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=120.0)
    args = parser.parse_args()
    if args.what == "memory":
        memory(args.minutes)
    else:
        {"latency": latency, "start": start}[args.what](args.rounds)


if __name__ == "__main__":
    main()
