// The running interview: shows what the server says is to be seen, and passes on sound, buttons and words.

import { explained } from "./audio.js";
import { Controls } from "./controls.js";
import { byId, clock, fill, say, show } from "./dom.js";
import { CLOSED, Link } from "./link.js";
import { Captions, showEnd, showQuestion, showResults, showTranscript } from "./shown.js";

const NO_SOUND_MS = 1500;
const SILENT_S = 10;
const PHASES = {
  loading: ["loading", "Getting ready"],
  speaking: ["speaking", "The agent speaks"],
  listening: ["listening", "Listening: take your time"],
  thinking: ["thinking", "Transcribing and grading"],
  ended: ["ended", "The interview has ended"],
};
const CLOSED_TEXT = {
  [CLOSED.busy]: "This interview is open in another tab or window.",
  [CLOSED.moved]: "You went on in another tab or window.",
  [CLOSED.noSession]: "This interview has ended. What you answered is saved.",
  [CLOSED.wrong]: "The page and the program do not understand one another. Reload the page.",
};

export class Interview {
  constructor(audio, { ended, left }) {
    this.audio = audio;
    this.ended = ended;
    this.left = left;
    this.values = {};
    this.connection = "";
    this.levelAt = 0;
    this.captions = new Captions();
    this.clips = new Map();
    this.link = new Link({
      values: (changed) => this.changed(changed),
      clip: (number, sentence, last, pcm) => this.clip(number, sentence, last, pcm),
      stop: (number) => audio.stopPlaying(number),
      state: (state) => this.connected(state),
      closed: (code) => this.closed(code),
    });
    audio.onplayed = (report) => this.played(report);
    audio.onlost = () => this.microphoneLost();
    // A call or a sleep may have stopped the sound; it may need a click again.
    audio.onstate = () => this.active && !audio.running && this.startSound();
    this.controls = new Controls(this);
    this.tick = setInterval(() => this.everySecond(), 1000);
    document.addEventListener("visibilitychange", () => this.stayAwake());
    byId("gate-go").addEventListener("click", () => this.passGate());
    if (navigator.mediaDevices) navigator.mediaDevices.addEventListener("devicechange", () => this.microphoneBack());
  }

  get active() {
    return this.link.wanted;
  }

  // Begins, or goes on with, the interview under way. `typed`: without a microphone.
  async open(typed, take = false) {
    this.typed = typed;
    this.values = {};
    this.shownAnswers = 0;
    this.link.blocks = [];
    fill(byId("feedback"));
    show(byId("overall"), false);
    show(byId("gate"), false);
    this.trouble("");
    byId("mute").checked = false;
    this.audio.onblock = (block) => this.link.wanted && !byId("mute").checked && this.link.record(block);
    this.audio.onlevel = (peak) => this.localLevel(peak);
    this.link.open(take);
    if (this.audio.running) this.stayAwake();
    else await this.startSound();
  }

  // After a reload a browser may want a click before it plays or records.
  async startSound() {
    const running = await this.audio.open();
    if (running) return this.soundStarted();
    byId("gate-text").textContent = "The interview waits for you.";
    byId("gate-go").textContent = "Go on";
    this.gate = () => this.startSound();
    show(byId("gate"), true);
    byId("gate-go").focus();
  }

  async soundStarted() {
    show(byId("gate"), false);
    if (!this.typed && !this.audio.hasMicrophone) await this.openMicrophone();
    this.ready();
    this.stayAwake();
  }

  async openMicrophone() {
    try {
      await this.audio.useMicrophone(localStorage.microphone || "");
      this.trouble("");
    } catch (error) {
      this.trouble(explained(error));
    }
  }

  passGate() {
    show(byId("gate"), false);
    const next = this.gate;
    this.gate = null;
    if (next) next();
  }

  leave() {
    this.link.close();
    this.audio.releaseMicrophone();
    if (this.lock) this.lock.release().catch(() => {});
    this.lock = null;
  }

  // The connection

  connected(state) {
    this.connection = state;
    if (state === "connected") {
      this.ready();
      this.controls.updateMute();
    }
    this.showState();
  }

  ready() {
    if (this.connection === "connected" && this.audio.running) this.link.send({ type: "ready", rate: this.audio.context.sampleRate });
  }

  closed(code) {
    this.connection = "closed";
    this.audio.releaseMicrophone();
    for (const number of this.clips.keys()) this.audio.stopPlaying(number);
    this.showState(CLOSED_TEXT[code]);
    if (code === CLOSED.noSession) return this.left();
    byId("gate-text").textContent = CLOSED_TEXT[code] || "";
    byId("gate-go").textContent = "Take it over here";
    this.gate = () => this.open(this.typed, true);
    show(byId("gate"), code === CLOSED.busy || code === CLOSED.moved);
  }

  // What is to be seen

  changed(values) {
    Object.assign(this.values, values);
    if ("elapsed_s" in values) this.startedAt = performance.now() - 1000 * values.elapsed_s;
    if ("level" in values) this.level(values.level);
    if ("phase" in values || "paused" in values || "loading" in values || "part" in values) this.showState();
    if ("question" in values || "part" in values) showQuestion(this.values);
    if ("caption" in values) this.captions.show(values.caption, 0, 0);
    if ("transcript" in values) showTranscript(values.transcript);
    if ("feedback" in values) this.results(values.feedback);
    if ("question" in values || "feedback" in values) this.controls.enable();
    if ("problem" in values) this.trouble(values.problem);
    if ("notice" in values) say(byId("notice"), values.notice);
    if ("overall" in values || "saved" in values || "debrief" in values || "work_on" in values) showEnd(this.values);
    if (values.phase === "ended") this.finished();
  }

  state() {
    if (this.connection === "reconnecting") return ["waiting", "The connection is lost: trying again. Nothing of your answer is lost"];
    if (this.connection === "connecting" || this.connection === "closed") return ["waiting", "Connecting"];
    const { phase, paused } = this.values;
    if (phase === "ended") return PHASES.ended;
    if (paused) return ["paused", "Paused: say or press resume"];
    if (phase !== "listening") return PHASES[phase] || PHASES.loading;
    if (byId("mute").checked) return ["waiting", "You are muted: the agent waits"];
    if (byId("text").value.trim()) return ["waiting", "You type: the agent waits"];
    if (!this.audio.hasMicrophone) return ["listening", "Your turn: type your answer"];
    // Derived from what arrives at the other end, not from a flag.
    if (performance.now() - this.levelAt > NO_SOUND_MS) return ["waiting", "No sound arrives from your microphone"];
    return PHASES.listening;
  }

  showState(text) {
    const [state, words] = this.state();
    byId("state").dataset.state = state;
    byId("view-interview").classList.toggle("over", state === "ended");
    const loading = (this.values.loading || []).filter((item) => item.state !== "ready").map((item) => `${item.part} ${item.state}`);
    say(byId("state-text"), text || (this.values.phase === "loading" && loading.length ? `${words}: ${loading.join(", ")}` : words));
    const pause = document.querySelector('[data-intent="pause"]');
    if (pause) say(pause.querySelector(".label"), this.values.paused ? "Resume" : "Pause");
    this.controls.enable();
  }

  results(answers) {
    showResults(answers, this.values.real, this.shownAnswers);
    this.shownAnswers = answers.length;
  }

  finished() {
    this.link.wanted = false;
    if (this.link.socket) this.link.socket.close();
    this.connection = "connected";
    this.audio.releaseMicrophone();
    if (this.lock) this.lock.release().catch(() => {});
    this.lock = null;
    this.showState();
    showEnd(this.values);
    this.ended();
  }

  trouble(text) {
    const box = byId("trouble");
    say(box, text);
    show(box, Boolean(text));
  }

  // Sound

  clip(number, sentence, last, pcm) {
    if (!this.audio.running) return;
    const known = this.clips.get(number) || { sentence, frames: 0 };
    known.frames += pcm.length;
    this.clips.set(number, known);
    this.audio.play(number, last, pcm);
  }

  played({ clip, frames, state }) {
    const known = this.clips.get(clip);
    this.link.send({ type: "played", clip, frames, state });
    if (!known) return;
    this.captions.show(this.values.caption, known.sentence, known.frames ? frames / known.frames : 1);
    if (state !== "playing") this.clips.delete(clip);
  }

  level(level) {
    if (!level) return;
    this.levelAt = performance.now();
    if (this.values.phase === "listening") say(byId("heard"), `${clock(level.seconds)} \u00b7 ${level.speaking ? "speech" : "pause"}`);
    this.showState();
  }

  localLevel(peak) {
    const shown = byId("mute").checked ? 0 : Math.min(1, 2 * peak);
    byId("level").style.transform = `scaleX(${shown.toFixed(3)})`;
  }

  everySecond() {
    if (!this.active) return;
    this.link.check();
    if (this.startedAt) say(byId("time"), clock((performance.now() - this.startedAt) / 1000));
    byId("level").parentElement.setAttribute("aria-valuenow", Math.round(100 * Math.min(1, 2 * this.audio.peak)));
    // A quiet room is no fault; a long silence while an answer is awaited may be.
    const { phase, level } = this.values;
    const waited = phase === "listening" && level && level.seconds > SILENT_S;
    if (this.audio.muted || (waited && this.audio.silentSeconds > SILENT_S)) {
      this.silent = true;
      this.trouble("Nothing is heard from your microphone. Is it muted, at the headset or in the system? Or type your answer.");
    } else if (this.silent) {
      this.silent = false;
      this.trouble("");
    }
    this.showState();
  }

  microphoneLost() {
    if (!this.active) return;
    this.trouble("The microphone is disconnected. Plug it in again, or use another one; the interview waits. Or type your answer.");
    this.microphoneBack();
  }

  async microphoneBack() {
    if (!this.active || this.typed || this.audio.hasMicrophone || !this.audio.running) return;
    try {
      await this.audio.useMicrophone("");
      this.trouble("");
    } catch {
      // The message stands until a microphone is there.
    }
  }

  async stayAwake() {
    if (!this.active || document.hidden || !navigator.wakeLock) return;
    this.lock = await navigator.wakeLock.request("screen").catch(() => null);
  }
}
