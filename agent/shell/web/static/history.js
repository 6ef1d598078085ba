// Interviews on record: their ratings, the report of each, export, deletion and regrading.

import { get, post } from "./api.js";
import { byId, capital, el, fill } from "./dom.js";

const when = (text) => new Date(text).toLocaleString([], { dateStyle: "full", timeStyle: "short" });

export async function openHistory() {
  const box = byId("history");
  const sessions = await get("/api/history");
  if (!sessions.length) return fill(box, el("p", {}, "Nothing is on record yet. Each interview that you save appears here."));
  fill(box,
    el("p", { class: "row" },
      el("a", { class: "button", href: "/report/all" }, "Progress and every answer"),
      ...["json", "csv", "markdown"].map((form) => el("a", { class: "button", href: `/api/export/${form}`, download: true }, `Export all as ${form}`)),
      confirmed("Delete everything", "Delete all interviews for good?", () => remove(sessions.map((item) => item.id), false)),
      confirmed("Delete all sound", "Delete the sound of all answers?", () => remove(sessions.map((item) => item.id), true))),
    el("p", { class: "problem", id: "history-problem", role: "alert", hidden: true }),
    sessions.map(session));
}

function session(item) {
  const outcome = el("div", { role: "status" });
  return el("article", { "aria-label": when(item.started) },
    el("h3", {}, when(item.started)),
    item.answers.length
      ? el("ul", { class: "brief-list" }, item.answers.map((answer) =>
          el("li", {}, el("span", {}, capital(answer.signal)), el("b", { "data-rank": answer.rank ?? "" }, answer.rating), answer.attempt > 1 && el("small", {}, `try ${answer.attempt}`))))
      : el("p", { class: "quiet" }, "No answer yet."),
    el("p", { class: "row" },
      item.rated && el("a", { class: "button", href: `/report/${item.id}` }, "Report", el("span", { class: "visually-hidden" }, ` of ${when(item.started)}`)),
      el("a", { class: "button", href: `/api/export/json?session=${item.id}`, download: true }, "Export"),
      item.rated && el("button", { type: "button", onclick: () => regrade(item.id, outcome) }, "Grade again"),
      item.has_audio && confirmed("Delete sound", "Delete the sound of these answers?", () => remove([item.id], true)),
      confirmed("Delete", "Delete this interview for good?", () => remove([item.id], false))),
    outcome);
}

// Asks in place, without a dialog.
function confirmed(label, question, work) {
  const box = el("span", { class: "confirm" });
  const ask = el("button", { type: "button", onclick: () => {
    fill(box, `${question} `, el("button", { type: "button", class: "danger", onclick: work }, "Yes"), " ", el("button", { type: "button", onclick: () => fill(box, ask) }, "No"));
    box.querySelector("button").focus();
  } }, label);
  box.append(ask);
  return box;
}

async function remove(sessions, audioOnly) {
  try {
    await post("/api/delete", { sessions, audio_only: audioOnly });
    await openHistory();
  } catch (error) {
    const box = byId("history-problem");
    box.textContent = error.message;
    box.hidden = false;
  }
}

async function regrade(id, box) {
  fill(box, el("p", { class: "quiet" }, "Grading ..."));
  try {
    const rows = await post("/api/regrade", { session: id, keep: false });
    fill(box, el("table", {}, el("thead", {}, el("tr", {}, ["Question", "Before", "Now"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, el("td", {}, row.question), el("td", {}, row.before), el("td", {}, row.now))))),
      el("button", { type: "button", onclick: async () => { await post("/api/regrade", { session: id, keep: true }); await openHistory(); } }, "Let the new grades count"));
  } catch (error) {
    fill(box, el("p", { class: "problem" }, error.message));
  }
}
