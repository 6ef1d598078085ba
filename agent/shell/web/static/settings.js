// Settings with their origin; each is written to the user's file when it changes.

import { get, post } from "./api.js";
import { byId, capital, el, fill, say } from "./dom.js";

const CHOICES = /^(\w+)(?:, (\w+))*,? or (\w+)$/;

export async function openSettings() {
  draw(await get("/api/settings"));
}

function draw(found) {
  say(byId("leaves"), found.leaves);
  const consent = el("input", { type: "checkbox", onchange: (event) => post("/api/consent", { keep_audio: event.target.checked }), ...(found.keep_audio ? { checked: true } : {}) });
  fill(byId("settings"),
    el("div", { class: "card" }, el("h3", {}, "What leaves this computer"), el("p", {}, found.leaves),
      el("p", { class: "quiet" }, `Interviews are saved in ${found.folder}.`),
      el("label", { class: "check" }, consent, " Save the sound of answers")),
    el("p", { id: "settings-problem", class: "problem", role: "alert", hidden: true }),
    found.settings.map(setting),
    el("p", { class: "quiet" }, `They are in ${found.file} and count from the next interview on. An empty field is the default.`));
}

function setting(item) {
  const id = `setting-${item.name}`;
  const about = `${id}-about`;
  const properties = { id, "aria-describedby": about, ...(item.fixed ? { disabled: true } : {}), onchange: (event) => change(item.name, event.target.value) };
  const names = item.takes === "true or false" ? ["true", "false"] : CHOICES.test(item.takes) ? item.takes.split(/, | or /) : null;
  const field = names
    ? el("select", properties, (item.value === null ? ["", ...names] : names).map((name) => el("option", { value: name, ...(name === item.value ? { selected: true } : {}) }, name || "not chosen")))
    : el("input", { type: "text", value: item.value ?? "", ...properties });
  return el("div", { class: "setting" }, el("label", { for: id }, capital(item.title)), field,
    el("p", { id: about, class: "quiet" }, `${item.about} It takes ${item.takes}. Origin: ${item.origin}${item.fixed ? ", so it is changed there" : ""}.`));
}

async function change(name, value) {
  try {
    draw(await post("/api/settings", { name, value: value.trim() || null }));
    byId(`setting-${name}`).focus();
  } catch (error) {
    const box = byId("settings-problem");
    say(box, error.message);
    box.hidden = false;
  }
}
