// The running interview: shows what the server says is to be seen, and passes on sound, buttons and words.

import { explained } from "./audio.js";
import { announce, byId, capital, clock, el, fill, say, show } from "./dom.js";
import { debriefOf } from "./debrief.js";
import { feedbackOf, standing, workOn } from "./feedback.js";
import { COMMANDS, commandOf } from "./keys.js";
import { CLOSED, Link } from "./link.js";

const NO_SOUND_MS = 1500;
const SILENT_S = 10;
const PHASES = {
  loading: ["loading", "Getting ready"],
  speaking: ["speaking", "The agent speaks"],
  listening: ["listening", "Listening: take your time"],
  thinking: ["thinking", "Transcribing and grading"],
  ended: ["ended", "The interview has ended"],
};
const PARTS = {
  warm_up: ["Introduction", "About you"],
  technical: ["Technical part", "Technical part"],
  your_questions: ["Your questions", "What would you like to ask?"],
  done: ["Closing", "The end of the interview"],
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
    this.buttons();
    this.typing();
    this.tick = setInterval(() => this.everySecond(), 1000);
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => this.stayAwake());
    byId("gate-go").addEventListener("click", () => this.passGate());
    byId("mute").addEventListener("change", () => this.hold());
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
      this.hold();
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
    if ("question" in values || "part" in values) this.question(this.values.question);
    if ("caption" in values) this.caption(0, 0);
    if ("transcript" in values) this.transcript(values.transcript);
    if ("feedback" in values) this.results(values.feedback);
    if ("problem" in values) this.trouble(values.problem);
    if ("notice" in values) say(byId("notice"), values.notice);
    if ("overall" in values || "saved" in values || "debrief" in values || "work_on" in values) this.overall();
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
    this.enableButtons();
  }

  question(question) {
    if (!question) return this.noQuestion();
    const again = question.attempt > 1 ? `, try ${question.attempt}` : "";
    say(byId("place"), `Question ${question.number}${question.of ? ` of ${question.of}` : ""}${again}`);
    say(byId("why"), question.why);
    say(byId("signal"), `${question.signal} \u00b7 ${question.field}`);
    say(byId("ask"), question.ask);
    say(byId("scenario"), question.scenario);
    show(byId("scenario-box"), Boolean(question.scenario));
    this.enableButtons();
  }

  // A whole interview has parts in which no question is asked.
  noQuestion() {
    const [place, ask] = (this.values.real && PARTS[this.values.part]) || ["", ""];
    for (const [name, text] of [["place", place], ["ask", ask], ["signal", ""], ["why", ""]]) say(byId(name), text);
    show(byId("scenario-box"), false);
    this.enableButtons();
  }

  caption(sentence, share) {
    const caption = this.values.caption;
    const box = byId("caption");
    if (!caption) return fill(box);
    if (this.shownCaption !== caption) {
      this.shownCaption = caption;
      fill(box, caption.sentences.flatMap((text) => [el("span", {}, el("span", { class: "said" }), el("span", {}, text)), " "]));
    }
    const at = sentence - caption.first;
    [...box.children].forEach((span, index) => {
      const text = caption.sentences[index];
      const cut = index < at ? text.length : index === at ? wordEnd(text, share) : 0;
      say(span.firstChild, text.slice(0, cut));
      say(span.lastChild, text.slice(cut));
    });
    const now = box.children[Math.max(0, Math.min(at, box.children.length - 1))];
    if (now) box.scrollTop = now.offsetTop - box.offsetTop - 8;
  }

  transcript(text) {
    const box = byId("transcript");
    say(box, text);
    box.scrollTop = box.scrollHeight;
  }

  results(answers) {
    const latest = answers.at(-1);
    const box = byId("feedback");
    if (this.values.real) return fill(box, answers.length > 0 && el("h3", {}, "Your answers"), answers.map((answer, at) =>
      el("details", { class: "earlier-answers" }, el("summary", {}, `${at + 1}. ${capital(answer.signal)}`), feedbackOf(answer, at + 1))));
    fill(box, answers.length > 0 && el("h3", {}, "Your answer"), latest && feedbackOf(latest, answers.length),
      answers.length > 1 && el("details", { class: "earlier-answers" }, el("summary", {}, `Earlier answers (${answers.length - 1})`),
        answers.slice(0, -1).map((answer, at) => feedbackOf(answer, at + 1))));
    // To what is new, unless the candidate is in the middle of something.
    if (latest && answers.length > this.shownAnswers && document.activeElement !== byId("text")) box.scrollIntoView({ block: "start" });
    this.shownAnswers = answers.length;
    if (latest) announce(latest.rating ? `Rated ${latest.rating}, ${Math.round(100 * latest.confidence)} percent sure.` : `Not graded. ${latest.ungraded}`);
    this.enableButtons();
  }

  overall() {
    const { overall, debrief, saved, work_on, real, phase } = this.values;
    const left = real && !debrief && phase === "ended";
    show(byId("overall"), Boolean(overall || debrief || left));
    if (!overall && !debrief && !left) return;
    fill(byId("overall"),
      debrief ? debriefOf(debrief) : left ? el("p", {}, saved ? "You can go on with this interview another day: it waits on the start page." : "The interview was left before its end.") : [el("h3", {}, "Where you stand"), standing(overall), workOn(work_on || [])],
      el("p", { class: "row" }, saved && el("a", { class: "button", href: `/report/${saved}` }, "See the report"),
        el("a", { class: "button", href: "#rehearse" }, "Rehearse again")));
  }

  finished() {
    this.link.wanted = false;
    if (this.link.socket) this.link.socket.close();
    this.connection = "connected";
    this.audio.releaseMicrophone();
    if (this.lock) this.lock.release().catch(() => {});
    this.lock = null;
    this.showState();
    this.overall();
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
    this.caption(known.sentence, known.frames ? frames / known.frames : 1);
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
    this.trouble("The microphone has gone. Plug it in again, or another one; the interview waits. Or type your answer.");
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

  // Buttons, keys and words

  buttons() {
    for (const command of COMMANDS) {
      const shown = command.shown || command.key.toUpperCase();
      const button = el("button", { type: "button", "data-intent": command.intent, "data-when": command.when, class: command.intent === "done" && "primary",
        "aria-keyshortcuts": command.shown || command.key, onclick: () => this.press(command) },
        el("span", { class: "label" }, command.label), " ", el("kbd", { "aria-hidden": "true" }, shown));
      byId(command.when === "more" ? "more-commands" : "commands").append(button);
    }
    byId("keys").checked = localStorage.keys !== "off";
    byId("keys").addEventListener("change", () => (localStorage.keys = byId("keys").checked ? "on" : "off"));
  }

  enableButtons() {
    const { question, feedback, phase, real } = this.values;
    const after = Boolean(question) && !real && (feedback || []).length > question.answers_before;
    for (const button of document.querySelectorAll("[data-intent]")) {
      const when = button.dataset.when;
      button.hidden = (when === "answer" && after) || (when === "after" && !after);
      button.disabled = (!question && !this.inTalk) || phase === "ended";
    }
    document.querySelector('[data-intent="stop"]').disabled = !this.active;
  }

  // In the parts of a whole interview around its questions.
  get inTalk() {
    return Boolean(this.values.real) && this.values.phase !== "loading";
  }

  press(command) {
    if (!this.active) return;
    if (command.intent === "stop" && !this.values.question && !this.inTalk) return this.link.send({ type: "stop" });
    const intent = command.intent === "pause" && this.values.paused ? "resume" : command.intent;
    this.link.press(intent);
  }

  key(event) {
    if (!this.active || !byId("keys").checked || byId("view-interview").hidden) return;
    const command = commandOf(event);
    const button = command && document.querySelector(`[data-intent="${command.intent}"]`);
    if (!button || button.hidden || button.disabled) return;
    event.preventDefault();
    this.press(command);
  }

  typing() {
    const text = byId("text");
    byId("write").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!text.value.trim() || !this.active) return;
      this.link.say(text.value.trim());
      text.value = "";
      this.hold();
    });
    text.addEventListener("input", () => {
      this.hold();
      if (text.value.length >= text.maxLength) say(byId("notice"), `No more than ${text.maxLength.toLocaleString()} characters fit into one answer; send these and go on.`);
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      byId("write").requestSubmit();
    });
  }

  // While the candidate types, or is muted, silence means nothing.
  hold() {
    const muted = byId("mute").checked;
    const held = muted || Boolean(byId("text").value.trim());
    if (this.held && !muted && this.wasMuted) this.audio.anew();
    this.wasMuted = muted;
    this.held = held;
    this.link.send({ type: "hold", held });
    this.showState();
  }
}

// The end of the word in which a share of the text falls.
function wordEnd(text, share) {
  if (share >= 1) return text.length;
  const end = text.indexOf(" ", Math.floor(share * text.length));
  return end < 0 ? text.length : end;
}

