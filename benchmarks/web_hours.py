"""Hours with the page open: what the server and the browser hold, once a minute.

    python -m benchmarks.web_hours [--minutes 120] > hours.tsv

A real server in a process of its own, and a real Chromium whose microphone is a WAV file that speaks for half a minute
in every five. Each answer is graded and followed by the next question; two minutes in six the interview is paused.
Columns: minute; resident memory of the server; the page's JavaScript heap after a collection; its elements; the share
of memory of all of Chromium's processes (shared pages are counted once); state of the page; answers so far.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.adapters.audio_file import read_clip
from agent.adapters.sound_file import encoded
from agent.values.audio import Clip
from tests.conftest import FIXTURES
from tests.web_browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

ANSWER = "metrics-strong.ogg"
QUIET_BEFORE_S, EVERY_S = 20.0, 300.0
HEADER = "minute\tserver_mb\tjs_heap_mb\telements\tchromium_mb\tstate\tanswers"


def recording(folder: Path) -> Path:
    """Half a minute of speech in five minutes of a quiet room; Chromium plays it again and again."""
    clip = read_clip(FIXTURES / ANSWER)
    room = np.random.default_rng(0).normal(0, 0.0005, round(EVERY_S * clip.rate)).astype(np.float32)
    start = round(QUIET_BEFORE_S * clip.rate)
    room[start : start + len(clip.samples)] += clip.samples
    path = folder / "microphone.wav"
    path.write_bytes(encoded(Clip(samples=room, rate=clip.rate), "WAV"))
    return path


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, str]]:
    """The program itself: its process and the address that it prints."""
    words = [sys.executable, "-m", "agent", "web", "--no-open", "--port", "0", "--data-dir", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            yield program.pid, program.stdout.readline().split()[2]
        finally:
            program.terminate()


def resident_mb(pid: int) -> float:
    """Of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]) * 4096 / 1e6


def children(pid: int) -> list[int]:
    """The process's children, theirs, and so on."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text("utf-8").split()):
            found += [child, *children(child)]
    return found


def shared_mb(pids: list[int]) -> float:
    """Their proportional share of memory: a page that five of them map counts a fifth in each."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
            total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1000


def browser_pids(server_pid: int) -> list[int]:
    """Chromium's processes: every descendant that has its name."""
    mine = [pid for pid in children(os.getpid()) if pid != server_pid]
    names = {}
    for pid in mine:
        with suppress(OSError):
            names[pid] = Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
    return [pid for pid, name in names.items() if "chrom" in name]


def begin(page: Page) -> None:
    """An interview of very many questions, by voice."""
    page.wait_for_selector("html.ready", timeout=120_000)
    page.fill("#count", "100")
    page.click("#start")
    page.wait_for_selector('#state[data-state="listening"]', timeout=300_000)


def act(page: Page, minute: int) -> None:
    """Presses what a candidate would, once a minute."""
    # The pause button also ends the pause.
    name = "pause" if minute % 6 in (3, 5) else "next"
    script = """name => { const button = document.querySelector(`[data-intent="${name}"]`);
      if (button && !button.hidden && !button.disabled) button.click(); }"""
    page.evaluate(script, name)


def row(page: Page, devtools: Any, pid: int) -> str:
    """One line of figures."""
    devtools.send("HeapProfiler.collectGarbage")
    metrics = {item["name"]: item["value"] for item in devtools.send("Performance.getMetrics")["metrics"]}
    heap, elements = metrics["JSHeapUsedSize"] / 1e6, int(metrics["Nodes"])
    state = page.get_attribute("#state", "data-state")
    answers = page.locator("#feedback .result").count()
    memory = shared_mb(browser_pids(pid))
    return f"{resident_mb(pid):.0f}\t{heap:.2f}\t{elements}\t{memory:.0f}\t{state}\t{answers}"


def watch(minutes: float) -> None:
    """Prints a row a minute."""
    folder = Path(tempfile.mkdtemp())
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording(folder)}",
    )
    with server(folder / "store") as (pid, address), chromium(*flags) as browser:
        page = browser.new_page()
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")
        page.goto(address)
        begin(page)
        print(HEADER, flush=True)
        begun = time.monotonic()
        for minute in range(round(minutes) + 1):
            page.wait_for_timeout(max(0.0, 1000 * (begun + 60 * minute - time.monotonic())))
            print(f"{minute}\t{row(page, devtools, pid)}", flush=True)
            act(page, minute)


def main() -> None:
    """Watches for so long."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=120.0)
    args = parser.parse_args()
    watch(args.minutes)


if __name__ == "__main__":
    main()
