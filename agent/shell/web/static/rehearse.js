// Before the interview: microphone and loudspeaker, what to rehearse, and the start.

import { get, post } from "./api.js";
import { canRecord, devices, explained } from "./audio.js";
import { Claims } from "./claims.js";
import { byId, el, fill, say, show } from "./dom.js";

const QUIET = 0.02;

export class Rehearse {
  // begin(typed, take) shows the interview; here() says whether this tab is in one.
  constructor(audio, begin, here) {
    this.audio = audio;
    this.here = here;
    this.starting = false;
    this.begin = begin;
    this.picked = new Set();
    this.questions = [];
    this.claims = new Claims(() => this.order());
    const order = byId("order");
    order.addEventListener("submit", (event) => event.preventDefault());
    order.addEventListener("change", () => this.showWay());
    byId("pick-search").addEventListener("input", () => this.showPicks());
    byId("save").addEventListener("change", () => (byId("keep-audio").disabled = !this.filled || !byId("save").checked));
    byId("try-microphone").addEventListener("click", () => this.tryMicrophone());
    byId("try-speaker").addEventListener("click", () => this.trySpeaker());
    byId("microphone").addEventListener("change", () => this.chooseMicrophone());
    byId("speaker").addEventListener("change", () => this.chooseSpeaker());
    byId("start").addEventListener("click", () => this.start(false));
    byId("running-go").addEventListener("click", () => this.here() ? (location.hash = "interview") : this.begin(byId("typed").checked, true));
    byId("unfinished-go").addEventListener("click", () => this.start(true));
    byId("typed").checked = localStorage.typed === "yes";
    byId("typed").addEventListener("change", () => (localStorage.typed = byId("typed").checked ? "yes" : "no"));
  }

  async open() {
    this.watch();
    const choices = await get("/api/choices");
    this.choices = choices;
    show(byId("unfinished"), Boolean(choices.unfinished));
    if (choices.unfinished) say(byId("unfinished-text"), unfinished(choices.unfinished));
    say(byId("due-text"), choices.due ? `${choices.due} by your earlier answers` : "Nothing is due now");
    document.querySelector('[name="way"][value="due"]').disabled = !choices.due;
    say(byId("leaves"), choices.leaves);
    if (!this.filled) this.fillOnce(choices);
    this.showWay();
  }

  fillOnce(choices) {
    this.filled = true;
    const chips = (names, group) => names.map((item) =>
      el("label", { class: "chip" }, el("input", { type: "checkbox", name: group, value: item.name }), el("span", {}, item.title)));
    fill(byId("signals"), chips(choices.signals, "signal"));
    fill(byId("fields"), chips(choices.fields, "field"));
    fill(byId("company"), choices.companies.map((name) => el("option", { value: name }, name)));
    byId("count").value = choices.count;
    byId("patient").checked = choices.patient;
    byId("interrupt").checked = choices.interrupt;
    byId("keep-audio").checked = Boolean(choices.keep_audio);
    // Until the settings were known nothing could be said against them.
    for (const name of ["count", "patient", "interrupt"]) byId(name).disabled = false;
    byId("keep-audio").disabled = !byId("save").checked;
  }

  // How far the models are, and whether an interview is under way.
  async watch() {
    clearTimeout(this.timer);
    if (byId("view-rehearse").hidden) return;
    try {
      const status = await get("/api/status");
      const states = status.loading.map((item) => `${item.part}: ${item.state}`);
      say(byId("loading"), status.loaded && status.loading.every((item) => item.state === "ready") ? "Voice, speech recognition and grader are ready." : states.join(" \u00b7 "));
      show(byId("running"), status.running);
      const here = this.here();
      say(byId("running-text"), here ? "Your interview is under way." : status.taken ? "An interview is under way in another tab or window." : "An interview is under way. It waits two minutes for you.");
      say(byId("running-go"), here ? "Back to it" : status.taken ? "Take it over here" : "Go on with it");
      for (const name of ["start", "unfinished-go"]) byId(name).disabled = status.running || this.starting;
    } catch (error) {
      say(byId("loading"), error.message);
    }
    this.timer = setTimeout(() => this.watch(), 1500);
  }

  get way() {
    return document.querySelector('[name="way"]:checked').value;
  }

  get real() {
    return document.querySelector('[name="mode"]:checked').value === "real";
  }

  async showWay() {
    const mode = this.real ? "real" : "practice";
    // A whole interview plans its questions itself.
    if (this.real && (this.way === "single" || this.way === "due")) document.querySelector('[name="way"][value="quick"]').checked = true;
    for (const part of document.querySelectorAll("[data-way]")) show(part, part.dataset.way === this.way);
    for (const part of document.querySelectorAll("[data-not], [data-mode]"))
      show(part, (part.dataset.mode || mode) === mode && !(part.dataset.not || "").split(" ").includes(this.way));
    if (this.choices) say(byId("quick-text"), this.real ? "Each signal gets its time" : `${this.choices.count} questions over the signals`);
    if (this.way === "single" && !this.questions.length) {
      this.questions = await get("/api/questions");
      this.showPicks();
    }
  }

  pick(id) {
    document.querySelector('[name="way"][value="single"]').checked = true;
    document.querySelector('[name="mode"][value="practice"]').checked = true;
    this.picked = new Set([id]);
    this.showWay();
    if (this.questions.length) this.showPicks();
  }

  showPicks() {
    const words = byId("pick-search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = this.questions.filter((item) => words.every((word) => searched(item).includes(word)));
    const chosen = this.questions.filter((item) => this.picked.has(item.id));
    const shown = [...chosen, ...fitting.filter((item) => !this.picked.has(item.id))].slice(0, 60);
    fill(byId("picks"), shown.map((item) => el("li", {}, el("label", { class: "check" },
      el("input", { type: "checkbox", value: item.id, ...(this.picked.has(item.id) ? { checked: true } : {}), onchange: (event) => this.toggle(item.id, event.target.checked) }),
      el("span", {}, item.ask, el("small", {}, `${item.signal} \u00b7 ${item.field} \u00b7 ${item.seniority}`))))));
    say(byId("single-text"), this.picked.size ? `${this.picked.size} chosen` : "Choose them from the list");
  }

  toggle(id, chosen) {
    if (chosen) this.picked.add(id);
    else this.picked.delete(id);
    say(byId("single-text"), this.picked.size ? `${this.picked.size} chosen` : "Choose them from the list");
  }

  // What is sent is what is chosen; the server refuses what does not fit, in words.
  order() {
    const checked = (name) => [...document.querySelectorAll(`[name="${name}"]:checked`)].map((box) => box.value);
    const way = this.way;
    const real = this.real;
    const minutes = real ? null : Number(byId("minutes").value) || null;
    const adaptive = !real && way !== "single" && byId("adaptive").checked;
    const profile = way === "single" || way === "due" ? null : this.claims.chosen;
    return {
      questions: way === "single" ? [...this.picked] : [],
      signals: way === "choose" ? checked("signal") : [],
      fields: way === "choose" ? checked("field") : [],
      company: way === "company" ? byId("company").value : null,
      review: way === "due",
      seniority: way !== "single" ? byId("seniority").value || null : null,
      count: way !== "single" && !real ? Number(byId("count").value) || null : null,
      minutes,
      adaptive,
      profile,
      seed: profile && !adaptive ? this.claims.seed : null,
      real: real ? Number(byId("length").value) : null,
      patient: byId("patient").checked,
      interrupt: byId("interrupt").checked,
      save: byId("save").checked,
      keep_audio: byId("save").checked && byId("keep-audio").checked,
    };
  }

  // In the click: sound and microphone first, so that no interview waits for a permission.
  async start(resume = false) {
    if (this.starting) return;
    this.startProblem("");
    const typed = byId("typed").checked;
    if (!resume && this.way === "single" && !this.picked.size) return this.startProblem("Choose at least one question.");
    this.starting = byId("start").disabled = true;
    try {
      await this.audio.open();
      // Said here too: the button may be far from the card of the microphone.
      if (!typed && !(await this.openMicrophone())) return this.startProblem(byId("device-problem").textContent);
      // Whoever starts at once gets what the settings say.
      if (!this.filled) await this.open();
      await post("/api/start", { ...this.order(), ...(resume ? { resume: true, save: true } : {}) });
    } catch (error) {
      return this.startProblem(error.message);
    } finally {
      this.starting = byId("start").disabled = false;
    }
    this.begin(typed, false);
  }

  startProblem(text) {
    say(byId("start-problem"), text);
    show(byId("start-problem"), Boolean(text));
  }

  problem(text) {
    say(byId("device-problem"), text);
    show(byId("device-problem"), Boolean(text));
  }

  async openMicrophone() {
    if (!canRecord()) {
      this.problem(explained({ name: "TypeError" }));
      return false;
    }
    if (this.audio.hasMicrophone) return true;
    say(byId("device-text"), "The browser asks for the microphone now: look near the address bar.");
    try {
      await this.audio.useMicrophone(localStorage.microphone || "");
      this.problem("");
      return true;
    } catch (error) {
      this.problem(explained(error));
      return false;
    } finally {
      say(byId("device-text"), "Try them before you begin, or press Start at once.");
    }
  }

  async tryMicrophone() {
    await this.audio.open();
    if (!(await this.openMicrophone())) return;
    show(byId("device-choice"), true);
    this.audio.onlevel = (peak) => this.level(peak);
    await this.listDevices();
    navigator.mediaDevices.addEventListener("devicechange", () => this.listDevices());
  }

  async listDevices() {
    const { microphones, speakers } = await devices();
    const options = (list) => list.map((device, at) => el("option", { value: device.deviceId }, device.label || `Device ${at + 1}`));
    const track = this.audio.stream && this.audio.stream.getAudioTracks()[0];
    fill(byId("microphone"), options(microphones));
    if (track) byId("microphone").value = track.getSettings().deviceId || "";
    fill(byId("speaker"), options(speakers));
    show(byId("speaker-field"), speakers.length > 0 && "setSinkId" in AudioContext.prototype);
  }

  async chooseMicrophone() {
    localStorage.microphone = byId("microphone").value;
    this.audio.releaseMicrophone();
    await this.openMicrophone();
  }

  async chooseSpeaker() {
    try {
      await this.audio.useSpeaker(byId("speaker").value);
      this.problem("");
    } catch (error) {
      this.problem(`This loudspeaker cannot be used (${error.name}). Choose another one.`);
    }
  }

  level(peak) {
    const shown = Math.min(1, 2 * peak);
    byId("try-level").style.transform = `scaleX(${shown.toFixed(3)})`;
    byId("try-level").parentElement.setAttribute("aria-valuenow", Math.round(100 * shown));
    if (peak > QUIET) this.loudAt = performance.now();
    const loud = this.loudAt && performance.now() - this.loudAt < 3000;
    if (this.audio.muted || this.audio.silentSeconds > 3)
      say(byId("level-text"), "Only silence arrives. Unmute the microphone, at the headset and in the system, or choose another one.");
    else say(byId("level-text"), loud ? "I hear you." : "Say something.");
  }

  async trySpeaker() {
    const button = byId("try-speaker");
    button.disabled = true;
    try {
      await this.audio.open();
      const response = await fetch("/api/test-sentence.wav");
      if (!response.ok) throw new Error((await response.json()).error);
      await this.audio.playFile(await response.arrayBuffer());
      this.problem("");
    } catch (error) {
      this.problem(error.message);
    } finally {
      button.disabled = false;
    }
  }
}

function unfinished({ started, answers, minutes, left }) {
  const when = new Date(started).toLocaleString([], { dateStyle: "full", timeStyle: "short" });
  return `An interview of ${minutes} minutes, begun on ${when}, waits for its end: ${answers} ${answers === 1 ? "answer" : "answers"} so far, about ${left} minutes left.`;
}

const searched = (item) => [item.id, item.ask, item.scenario, item.signal, item.field, ...item.tags].join(" ").toLowerCase();
