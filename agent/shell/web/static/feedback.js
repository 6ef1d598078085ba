// One graded answer: rating, words with what they count for, and what comes next.

import { capital, clock, el } from "./dom.js";

let playing = null;

function halt() {
  if (!playing) return;
  playing.audio.pause();
  playing.button.classList.remove("playing");
  playing = null;
}

// Plays one moment of the answer. The time is followed by an event, which comes in a hidden tab too.
async function playMoment(sound, mark, button) {
  const again = playing && playing.button === button;
  halt();
  if (again) return;
  const audio = new window.Audio(sound);
  const mine = (playing = { audio, button });
  button.classList.add("playing");
  audio.addEventListener("timeupdate", () => audio.currentTime >= mark.end_s + 0.1 && playing === mine && halt());
  audio.addEventListener("ended", () => playing === mine && halt());
  audio.addEventListener("loadedmetadata", () => (audio.currentTime = mark.start_s), { once: true });
  try {
    await audio.play();
  } catch {
    halt();
  }
}

function scale(answer) {
  return el("ol", { class: "scale", "aria-label": "Rating" }, answer.scale.map((step) =>
    el("li", { class: step.here && "here", "aria-current": step.here && "true", title: step.text }, step.name,
      step.here && el("span", { class: "visually-hidden" }, " is the rating"))));
}

function rating(answer) {
  if (!answer.rating) return el("p", { class: "ungraded" }, el("strong", {}, "Not graded. "), answer.ungraded || "");
  const percent = Math.round(100 * answer.confidence);
  const sure = el("p", { class: "sure" }, `${percent}% sure`, answer.perhaps && `, perhaps ${answer.perhaps}`);
  sure.style.setProperty("--sure", answer.confidence);
  return el("div", { class: "rated" }, scale(answer), sure);
}

function moment(answer, mark) {
  const label = mark.kind === "misconception" ? `not right: ${mark.label}` : mark.label;
  if (!answer.sound || mark.start_s === null || mark.end_s === null) return el("span", { class: `moment ${mark.kind}` }, label);
  return moments(answer.sound, mark, mark.kind, label, `${label}, play from ${clock(mark.start_s)}`);
}

// A button that plays a moment of an answer.
export function moments(sound, mark, kind, label, spoken) {
  const button = el("button", { type: "button", class: `moment ${kind}`, "aria-label": spoken, onclick: () => playMoment(sound, mark, button) }, label);
  return button;
}

function transcript(answer) {
  const pieces = answer.words.flatMap((part) => {
    const first = part.marks[0];
    const kind = part.marks.some((at) => answer.marks[at].kind === "misconception") ? "misconception" : "point";
    const said = part.marks.length ? el("mark", { class: `hue${first % 6} ${kind}` }, part.text) : part.text;
    return [said, " ", ...part.ending.flatMap((at) => [el("span", { class: `tag hue${at % 6}` }, moment(answer, answer.marks[at])), " "])];
  });
  return pieces.length ? el("blockquote", { class: "transcript marked" }, pieces) : null;
}

function points(list) {
  return el("ul", { class: "points" }, list.map((point) =>
    el("li", {}, el("strong", {}, point.label), ` ${point.says} `, el("span", { class: "why" }, point.why))));
}

function missing(answer) {
  if (!answer.missing.length) return null;
  const needed = answer.missing.filter((point) => point.needed).slice(0, 3);
  const others = answer.missing.filter((point) => !needed.includes(point));
  return el("div", { class: "missing" }, el("h5", {}, "Missing"),
    answer.gaps.map((gap) => el("p", {}, gap)),
    needed.length > 0 && points(needed),
    others.length > 0 && el("details", {}, el("summary", {}, `${others.length} ${needed.length ? "more " : ""}not heard`), points(others)));
}

function notes(answer) {
  const wrong = answer.marks.filter((mark) => mark.kind === "misconception");
  return el("div", { class: "notes" },
    answer.best && el("div", {}, el("h5", {}, "Best thing said"), el("p", {}, `\u201c${answer.best}\u201d`)),
    wrong.map((mark) => el("div", { class: "wrong" }, el("h5", {}, "Not right"), el("p", {}, `You said: \u201c${mark.quote}\u201d`),
      el("p", {}, el("strong", {}, "Right is: "), mark.truth || mark.says))),
    answer.next.length > 0 && el("div", { class: "next" }, el("h5", {}, "Next step"),
      answer.next.map((hint) => el("p", {}, `${hint.nudge} `, el("span", { class: "why" }, hint.why)))),
    el("p", { class: "grader" }, `Grader: ${answer.grader}. ${answer.notes.join(" ")}`));
}

function delivery(answer) {
  return el("div", {},
    el("dl", { class: "figures" }, answer.delivery.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    answer.remark && el("p", { class: "quiet" }, answer.remark));
}

export function feedbackOf(answer, number) {
  const again = answer.attempt > 1 ? `, try ${answer.attempt}` : "";
  const references = answer.references.map((item) =>
    el("details", { class: "reference" }, el("summary", {}, `${capital(item.level)} answer`), el("p", {}, item.text)));
  return el("article", { class: "result", "aria-label": `Answer ${number}` },
    el("h4", {}, `${capital(answer.signal)}${again}`),
    rating(answer),
    answer.held && el("p", { class: "held" }, answer.held),
    el("div", { class: "try" }, el("div", { class: "said" }, transcript(answer), delivery(answer)), notes(answer), missing(answer)),
    references);
}

const LEVELS = ["very weak", "weak", "strong", "very strong"];

// The four levels, of which one is the rating.
export function scaleOf(rank, label) {
  return el("ol", { class: "scale", "aria-label": label }, LEVELS.map((name, at) =>
    el("li", { class: at === rank && "here", "aria-current": at === rank && "true" }, name)));
}

// What the answers lacked most.
export function workOn(items) {
  if (!items.length) return null;
  return el("div", {}, el("h4", {}, "To work on"), el("ol", { class: "plan" }, items.map((item) =>
    el("li", {}, el("strong", {}, item.title), ` (${item.subject}) ${item.nudge} `, el("span", { class: "why" }, item.why)))));
}

export function standing(ratings) {
  if (!ratings.length) return el("p", {}, "None of the answers could be graded, so there is no rating.");
  return el("ul", { class: "standings" }, ratings.map((item) =>
    el("li", {}, el("span", { class: "signal" }, item.signal),
      scaleOf(item.rank, `Rating of ${item.signal}`),
      el("p", {}, `${capital(item.meaning)}.`))));
}
