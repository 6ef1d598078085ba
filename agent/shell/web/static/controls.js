// What the candidate does on the page: buttons, keys, typed words and the mute switch.

import { byId, el, say } from "./dom.js";
import { COMMANDS, commandOf } from "./keys.js";

export class Controls {
  // Of an interview: its values, link and audio are read; showState() is called when words or the switch change.
  constructor(interview) {
    this.interview = interview;
    this.ignored = this.wasMuted = false;
    this.buttons();
    this.typing();
    document.addEventListener("keydown", (event) => this.key(event));
    byId("mute").addEventListener("change", () => this.updateMute());
  }

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

  enable() {
    const { question, feedback, phase, real } = this.interview.values;
    const after = Boolean(question) && !real && (feedback || []).length > question.answers_before;
    for (const button of document.querySelectorAll("[data-intent]")) {
      const when = button.dataset.when;
      button.hidden = (when === "answer" && after) || (when === "after" && !after);
      button.disabled = (!question && !this.inTalk) || phase === "ended";
    }
    document.querySelector('[data-intent="stop"]').disabled = !this.interview.active;
  }

  // In the parts of a whole interview around its questions.
  get inTalk() {
    const { real, phase } = this.interview.values;
    return Boolean(real) && phase !== "loading";
  }

  press(command) {
    const { active, link, values } = this.interview;
    if (!active) return;
    if (command.intent === "stop" && !values.question && !this.inTalk) return link.send({ type: "stop" });
    link.press(command.intent === "pause" && values.paused ? "resume" : command.intent);
  }

  key(event) {
    if (!this.interview.active || !byId("keys").checked || byId("view-interview").hidden) return;
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
      if (!text.value.trim() || !this.interview.active) return;
      this.interview.link.say(text.value.trim());
      text.value = "";
      this.updateMute();
    });
    text.addEventListener("input", () => {
      this.updateMute();
      if (text.value.length >= text.maxLength) say(byId("notice"), `No more than ${text.maxLength.toLocaleString()} characters fit into one answer; send these and go on.`);
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      byId("write").requestSubmit();
    });
  }

  // While the candidate types, or is muted, silence means nothing.
  updateMute() {
    const muted = byId("mute").checked;
    const ignored = muted || Boolean(byId("text").value.trim());
    if (this.ignored && !muted && this.wasMuted) this.interview.audio.anew();
    this.wasMuted = muted;
    this.ignored = ignored;
    this.interview.link.send({ type: "hold", held: ignored });
    this.interview.showState();
  }
}
