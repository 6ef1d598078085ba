"use strict";
// Plays moments, opens the target of a link, and folds. Without it the page can still be read, played and printed.

const status = document.getElementById("status");
let playing = null;

function stop() {
  if (!playing) return;
  const { audio, button } = playing;
  playing = null;
  audio.pause();
  button.classList.remove("playing");
}

function watch() {
  if (!playing) return;
  const { audio, end } = playing;
  if (audio.currentTime >= end || audio.ended) return stop();
  requestAnimationFrame(watch);
}

function seek(audio, second) {
  return new Promise((done) => {
    const go = () => {
      audio.addEventListener("seeked", done, { once: true });
      audio.currentTime = second;
    };
    if (audio.readyState >= 1) return go();
    audio.addEventListener("loadedmetadata", go, { once: true });
    audio.preload = "auto";
    audio.load();
  });
}

async function play(button) {
  const again = playing && playing.button === button;
  stop();
  if (again) return;
  for (const other of document.querySelectorAll("audio")) other.pause();
  const audio = document.getElementById(button.dataset.sound);
  const mine = { audio, button, end: Number(button.dataset.end) };
  playing = mine;
  button.classList.add("playing");
  status.textContent = "Playing " + button.textContent.trim();
  await seek(audio, Number(button.dataset.start));
  // The user may have clicked another moment meanwhile.
  if (playing !== mine) return;
  await audio.play();
  mine.begun = true;
  watch();
}

function unfold(target) {
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
}

function follow() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  unfold(target);
  target.scrollIntoView();
}

const tools = {
  unfold: () => document.querySelectorAll("details").forEach((part) => (part.open = true)),
  fold: () => document.querySelectorAll("details").forEach((part) => (part.open = false)),
  print: () => window.print(),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.dataset.sound) return void play(button);
  if (button && button.dataset.do) return void tools[button.dataset.do]();
  const mark = event.target.closest("mark[data-moment]");
  // Selecting words in a marked segment must not start the audio.
  const moment = mark && getSelection().isCollapsed && document.querySelector("#" + CSS.escape(mark.dataset.moment) + " button");
  if (moment) play(moment);
});
// A hidden tab draws no frames, but it still gets time updates.
document.addEventListener("timeupdate", () => playing && playing.audio.currentTime >= playing.end && stop(), true);
// The pause event of one moment may arrive when the next one, in the same audio, is about to begin.
document.addEventListener("pause", (event) => playing && playing.begun && event.target === playing.audio && stop(), true);
window.addEventListener("hashchange", follow);
// Where no style may be inline, the width of a bar is set from here.
for (const bar of document.querySelectorAll("[data-sure]")) bar.style.setProperty("--sure", bar.dataset.sure);
document.querySelector(".tools").hidden = false;
document.documentElement.classList.add("live");
follow();
