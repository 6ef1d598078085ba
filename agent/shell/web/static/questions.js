// All questions; points and model answers only when they are asked for.

import { get } from "./api.js";
import { byId, capital, el, fill, say } from "./dom.js";

let known = [];

export async function openQuestions(rehearse) {
  if (known.length) return;
  known = await get("/api/questions");
  byId("question-search").addEventListener("input", () => list(rehearse));
  list(rehearse);
}

function list(rehearse) {
  const words = byId("question-search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (item) => [item.id, item.ask, item.scenario, item.signal, item.field, item.seniority, ...item.tags].join(" ").toLowerCase();
  const fitting = known.filter((item) => words.every((word) => text(item).includes(word)));
  say(byId("question-count"), `${fitting.length} ${fitting.length === 1 ? "question" : "questions"}`);
  fill(byId("question-list"), fitting.map((item) => question(item, rehearse)));
}

function question(item, rehearse) {
  const inside = el("div", {});
  const details = el("details", {}, el("summary", {}, "Points and model answers", el("span", { class: "visually-hidden" }, ` for: ${item.ask}`)), inside);
  details.addEventListener("toggle", () => details.open && !inside.childElementCount && reveal(item.id, inside));
  return el("article", {},
    el("p", { class: "signal" }, `${item.signal} \u00b7 ${item.field} \u00b7 ${item.seniority}${item.due ? " \u00b7 due for review" : ""}`),
    el("h3", {}, item.ask), el("p", { class: "scenario" }, item.scenario), details,
    el("p", { class: "row" }, el("button", { type: "button", onclick: () => rehearse(item.id) }, "Rehearse this one")));
}

async function reveal(id, box) {
  try {
    const found = await get(`/api/questions/${encodeURIComponent(id)}`);
    fill(box,
      el("h4", {}, "Points"), el("ul", { class: "points" }, found.points.map((point) => el("li", {}, el("strong", {}, point.title), ` ${point.says} `, el("span", { class: "why" }, point.why)))),
      found.misconceptions.length > 0 && el("div", { class: "wrong" }, el("h4", {}, "Often wrong"), found.misconceptions.map((item) => el("p", {}, `${item.says} `, el("strong", {}, item.truth)))),
      el("h4", {}, "Answers"), found.levels.map((level) => el("details", {}, el("summary", {}, capital(level.name)), el("p", { class: "quiet" }, level.means), el("p", {}, level.answer))));
  } catch (error) {
    fill(box, el("p", { class: "problem" }, error.message));
  }
}
