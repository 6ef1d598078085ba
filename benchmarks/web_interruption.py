"""How fast a voice silences the agent on the page: from the first sound of the speech to the last sound of the agent.

    python -m benchmarks.web_interruption headphones [--times 10]
    python -m benchmarks.web_interruption loudspeakers [--times 10]

A real Chromium, voice, Whisper and speech detector; the agent repeats its question and is interrupted by recordings.

headphones: the page's microphone hears the speech alone; the page notes when it last plays something loud. The wait
includes recording, both ways over the socket and the fade; not the delay of a sound card.

loudspeakers: over a virtual sound card (PulseAudio) whose loudspeaker can be heard by its microphone, at half the
level: what a room does, and what the browser's echo cancellation has to remove. Both sides are recorded from the card,
so the wait includes its delays and those of the browser's sound, both ways. A click from the page through the card and
back into the page shows how long these are alone. Between interruptions the agent speaks its question to the end once,
to see whether it interrupts itself.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from agent.adapters.audio_file import read_clip
from agent.shell.web.models import LoadedModels
from agent.values.audio import Clip
from tests.conftest import FIXTURES, ROOT
from tests.web_browser import Watched, chromium, opened
from tests.web_pages import Site

QUESTION = "recsys-sparse-loss"
SPEECH = ("refresh-strong.ogg", "metrics-weak.ogg", "choose-model-strong.ogg", "sparse-loss-weak.ogg")
SPEECH_S, LEAD_S = 2.0, 0.5
LOUD = 0.02
SPOKEN = 0.2
"""Share of the loudest sample from which a recording's sound is speech."""
QUIET_S = 0.7
RATE, CHUNK = 48_000, 480


def speech(number: int) -> Clip:
    """Two seconds of an answer, from its first sound on, with silence around."""
    clip = read_clip(FIXTURES / SPEECH[number % len(SPEECH)])
    # Not the noise of its room, which some recordings have in front.
    start = int(np.argmax(np.abs(clip.samples) > SPOKEN * np.abs(clip.samples).max()))
    words = clip.samples[start : start + round(SPEECH_S * clip.rate)]
    lead = np.zeros(round(LEAD_S * clip.rate), np.float32)
    return Clip(samples=np.concatenate([lead, words, lead]), rate=clip.rate)


def begin(shown: Watched) -> None:
    """An interview of one question, until the candidate's turn."""
    page = shown.page
    shown.choose(QUESTION)
    page.uncheck("#save")
    page.check("#interrupt")
    page.click("#start")
    shown.state("listening", 300)


def asks_again(shown: Watched) -> None:
    """The agent begins its question anew; if what interrupted it was graded by then, as another try."""
    # The rest of the speech would interrupt it at once.
    shown.page.wait_for_timeout(1000 * (SPEECH_S + 2 * LEAD_S))
    shown.until("['listening', 'ended'].includes(document.getElementById('state').dataset.state)", 120)
    if shown.page.get_attribute("#state", "data-state") == "ended":
        # Two seconds of an answer may sound like a command that ends the interview.
        shown.page.get_by_role("link", name="Rehearse again").click()
        shown.page.click("#start")
        shown.state("listening", 300)
    if not shown.page.is_visible('[data-intent="repeat"]'):
        shown.page.click('[data-intent="try again"]')
        shown.until("document.getElementById('state').dataset.state !== 'listening'")
        shown.state("listening", 120)
    shown.page.click('[data-intent="repeat"]')
    shown.state("speaking", 60)


def repeats(shown: Watched) -> None:
    """The agent is in the middle of its question."""
    asks_again(shown)
    shown.until("document.querySelector('#caption .said')?.textContent.length > 5")
    shown.page.wait_for_timeout(700)


def told(waits: list[float]) -> None:
    """The figures."""
    print(f"median {np.median(waits):.3f} s, worst {max(waits):.3f} s of {len(waits)}")


# Headphones


def with_headphones(shown: Watched, number: int) -> float:
    """Seconds from the first sound of the speech to the last one of the agent."""
    repeats(shown)
    shown.speak(speech(number))
    shown.until(f"performance.now() - rig.loudAt > {1000 * QUIET_S}", timeout_s=60)
    waited = shown.page.evaluate("rig.loudAt - rig.saidAt") / 1000 - LEAD_S
    return float(waited)


def headphones(times: int) -> None:
    """Prints a row for each interruption."""
    with Site(Path(tempfile.mkdtemp()), models=LoadedModels) as site, chromium() as browser:
        site.host.models.loaded.wait()
        shown = opened(browser, site.server.access.entry)
        shown.page.evaluate("rig.block = 256")
        begin(shown)
        told(rows(times, lambda number: with_headphones(shown, number)))


# Loudspeakers


class Recorded:
    """What a source of the sound server gives: the loudness of each hundredth of a second, and when it arrived."""

    def __init__(self, card: dict[str, str], source: str) -> None:
        form = [f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=10", "--raw"]
        self._program = subprocess.Popen(["parec", f"--device={source}", *form], stdout=subprocess.PIPE, env=card)
        self._levels: list[tuple[float, float]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._program.stdout is not None
        while block := self._program.stdout.read(2 * CHUNK):
            loudest = float(np.abs(np.frombuffer(block, "<i2")).max()) / 32767
            self._levels.append((time.monotonic(), loudest))

    def times(self, after: float, until: float) -> list[float]:
        """When it was loud."""
        return [at for at, loudest in self._levels if after <= at < until and loudest > LOUD]

    def close(self) -> None:
        """Ends the recording."""
        self._program.terminate()
        self._program.wait()


@contextmanager
def recorded(card: dict[str, str], source: str) -> Iterator[Recorded]:
    """A source, as long as it is needed."""
    found = Recorded(card, source)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def sound_card(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a virtual sound card in which the microphone hears the loudspeaker."""
    script = str(ROOT / "tests" / "sound_card.sh")
    printed = subprocess.run(["bash", script, "start", str(folder)], check=True, capture_output=True, text=True).stdout
    given = dict(item.split("=", 1) for item in printed.removeprefix("export ").split())
    card = {**os.environ, **given}
    try:
        echo = ["load-module", "module-loopback", "source=speaker.monitor", "sink=mouth", "latency_msec=30"]
        subprocess.run(["pactl", *echo], env=card, check=True, capture_output=True)
        inputs = subprocess.run(
            ["pactl", "list", "short", "sink-inputs"], env=card, check=True, capture_output=True, text=True
        ).stdout
        subprocess.run(["pactl", "set-sink-input-volume", inputs.split()[0], "50%"], env=card, check=True)
        # The candidate alone, to be recorded apart from the echo: a sink of its own that leads to the microphone.
        own = ["load-module", "module-null-sink", "sink_name=candidate", f"rate={RATE}"]
        subprocess.run(["pactl", *own], env=card, check=True, capture_output=True)
        air = ["load-module", "module-loopback", "source=candidate.monitor", "sink=mouth", "latency_msec=10"]
        subprocess.run(["pactl", *air], env=card, check=True, capture_output=True)
        yield card
    finally:
        subprocess.run(["bash", script, "stop", str(folder)], env=card, check=False)


def say(card: dict[str, str], clip: Clip) -> None:
    """Through the air, at the speed of life."""
    form = [f"--rate={clip.rate}", "--channels=1", "--format=s16le", "--latency-msec=20"]
    subprocess.run(
        ["pacat", "--playback", "--device=candidate", *form], input=clip.pcm().tobytes(), env=card, check=True
    )


def over_loudspeakers(shown: Watched, card: dict[str, str], sides: tuple[Recorded, Recorded], number: int) -> float:
    """Seconds from the first sound of the speech to the last one of the agent."""
    agent, candidate = sides
    repeats(shown)
    begun = time.monotonic()
    say(card, speech(number))
    time.sleep(QUIET_S)
    onset = candidate.times(begun, time.monotonic())[0]
    last = agent.times(begun, onset + SPEECH_S)[-1]
    return last - onset


CLICK = """async () => {
  const context = new AudioContext({ latencyHint: "interactive" });
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
  const heard = context.createAnalyser();
  heard.fftSize = 256;
  context.createMediaStreamSource(stream).connect(heard);
  await new Promise(done => setTimeout(done, 1500));
  const samples = new Float32Array(256);
  const loud = () => { heard.getFloatTimeDomainData(samples); return samples.some(value => Math.abs(value) > 0.05); };
  const tone = context.createOscillator();
  tone.connect(context.destination);
  const started = performance.now();
  tone.start();
  while (!loud() && performance.now() - started < 2000) await new Promise(done => setTimeout(done, 1));
  const waited = performance.now() - started;
  tone.stop();
  stream.getTracks().forEach(track => track.stop());
  await context.close();
  return waited / 1000;
}"""
"""Seconds from the start of a tone until the page's microphone hears it."""


def interrupts_itself(shown: Watched) -> bool:
    """Whether the agent does not come to the end of its question although nobody speaks."""
    asks_again(shown)
    shown.state("listening", 120)
    return bool(shown.page.evaluate("[...document.querySelectorAll('#caption > span')].at(-1).lastChild.textContent"))


def loudspeakers(times: int) -> None:
    """Prints a row for each interruption."""
    folder = Path(tempfile.mkdtemp())
    with (
        sound_card(folder / "card") as card,
        Site(folder, models=LoadedModels) as site,
        chromium("--use-fake-ui-for-media-stream", card=card) as browser,
        recorded(card, "speaker.monitor") as agent,
        recorded(card, "candidate.monitor") as candidate,
    ):
        site.host.models.loaded.wait()
        shown = opened(browser, site.server.access.entry, microphone=None)
        clicks = [float(shown.page.evaluate(CLICK)) for _ in range(5)]
        print(f"the browser's sound and the card alone, there and back: {np.median(clicks):.3f} s")
        begin(shown)
        print(f"notice after the greeting: {shown.page.text_content('#notice')!r}")
        alone = [interrupts_itself(shown) for _ in range(3)]
        waits = rows(times, lambda number: over_loudspeakers(shown, card, (agent, candidate), number))
        alone += [interrupts_itself(shown) for _ in range(2)]
        told(waits)
        print(f"interrupted itself: {sum(alone)} of {len(alone)}")


def rows(times: int, once: Callable[[int], float]) -> list[float]:
    """Prints each as it comes."""
    waits = []
    for number in range(times):
        waits.append(once(number))
        print(f"{number + 1:>3} {waits[-1]:.3f} s", flush=True)
    return waits


def main() -> None:
    """One of the two."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("headphones", "loudspeakers"))
    parser.add_argument("--times", type=int, default=10)
    args = parser.parse_args()
    measure: Any = headphones if args.what == "headphones" else loudspeakers
    measure(args.times)


if __name__ == "__main__":
    main()
