// What the interviewer would write after a whole interview.

import { capital, clock, el } from "./dom.js";
import { moments, scaleOf } from "./feedback.js";

const MOMENT_S = 15;

function replay(item) {
  if (!item.sound || item.start_s === null) return null;
  const mark = { start_s: item.start_s, end_s: item.start_s + MOMENT_S };
  return moments(item.sound, mark, "point", `replay ${clock(item.start_s)}`, `Replay from ${clock(item.start_s)}`);
}

function signal(item) {
  return el("article", { "aria-label": capital(item.signal) },
    el("h4", {}, capital(item.signal)), scaleOf(item.rank, `Rating of ${item.signal}`), el("p", {}, `${capital(item.meaning)}.`),
    el("ul", { class: "points" },
      item.evidence.map((quote) => el("li", {}, el("strong", {}, quote.label), ` \u201c${quote.quote}\u201d `, replay(quote))),
      item.wrong.map((quote) => el("li", {}, el("strong", {}, "Not right:"), ` \u201c${quote.quote}\u201d ${quote.label} `, replay(quote)))),
    item.above.length > 0 && el("p", { class: "quiet" }, `See ${item.above.join(" and ")} above.`),
    item.missing.length > 0 && el("p", { class: "quiet" }, `${item.above.length ? "Also not" : "Not"} heard: ${item.missing.join("; ")}.`));
}

function claims(rows) {
  if (!rows.length) return null;
  return el("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": "Your claims and your answers" }, el("h4", {}, "Your claims and your answers"),
    el("table", {}, el("thead", {}, el("tr", {}, ["Claim", "Answers", "Rating", "What a hiring manager would make of it"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, el("td", {}, `${row.name} (${row.source === "cv" ? "CV" : "job"})`), el("td", {}, row.answers.join(", ")), el("td", {}, row.rating), el("td", {}, row.says))))));
}

export function debriefOf(found) {
  return [
    el("h3", {}, "Debrief: what the interviewer would write"),
    found.rank === null ? el("p", {}, `No rating: ${found.meaning}.`) : [scaleOf(found.rank, "Overall rating"), el("p", {}, el("strong", {}, "Overall. "), `${capital(found.meaning)}. ${found.basis}`)],
    found.work_on.length > 0 && [el("h4", {}, "Work on these first"),
      el("ol", { class: "plan" }, found.work_on.map((item) => el("li", {}, el("strong", {}, item.title), ` ${item.why} `, replay(item))))],
    found.signals.map(signal), claims(found.claims),
    found.hints > 0 && el("p", { class: "quiet" }, `Hints that you asked for: ${found.hints}; they limit ratings.`),
  ].flat();
}
