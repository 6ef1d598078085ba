// What is to be seen of a running interview: question, captions, transcript, feedback and the end. Knows no sound.

import { announce, byId, capital, el, fill, say, show } from "./dom.js";
import { debriefOf } from "./debrief.js";
import { feedbackOf, standing, workOn } from "./feedback.js";

const PARTS = {
  warm_up: ["Introduction", "About you"],
  technical: ["Technical part", "Technical part"],
  your_questions: ["Your questions", "What would you like to ask?"],
  done: ["Closing", "The end of the interview"],
};

export function showQuestion({ question, real, part }) {
  if (question) {
    const again = question.attempt > 1 ? `, try ${question.attempt}` : "";
    const number = `Question ${question.number}${question.of ? ` of ${question.of}` : ""}${again}`;
    texts({ place: number, why: question.why, signal: `${question.signal} \u00b7 ${question.field}`, ask: question.ask, scenario: question.scenario });
  } else {
    // A whole interview has parts in which no question is asked.
    const [place, ask] = (real && PARTS[part]) || ["", ""];
    texts({ place, ask, why: "", signal: "", scenario: "" });
  }
  show(byId("scenario-box"), Boolean(question && question.scenario));
}

function texts(named) {
  for (const [name, text] of Object.entries(named)) say(byId(name), text);
}

export function showTranscript(text) {
  const box = byId("transcript");
  say(box, text);
  box.scrollTop = box.scrollHeight;
}

// `before`: how many answers were shown until now.
export function showResults(answers, real, before) {
  const box = byId("feedback");
  if (real) return fill(box, answers.length > 0 && el("h3", {}, "Your answers"), answers.map((answer, at) => folded(`${at + 1}. ${capital(answer.signal)}`, [feedbackOf(answer, at + 1)])));
  const latest = answers.at(-1);
  fill(box, latest && el("h3", {}, "Your answer"), latest && feedbackOf(latest, answers.length),
    answers.length > 1 && folded(`Earlier answers (${answers.length - 1})`, answers.slice(0, -1).map((answer, at) => feedbackOf(answer, at + 1))));
  if (!latest) return;
  // To what is new, unless the candidate is in the middle of something.
  if (answers.length > before && document.activeElement !== byId("text")) box.scrollIntoView({ block: "start" });
  announce(latest.rating ? `Rated ${latest.rating}, ${Math.round(100 * latest.confidence)} percent sure.` : `Not graded. ${latest.ungraded}`);
}

const folded = (title, inside) => el("details", { class: "earlier-answers" }, el("summary", {}, title), inside);

export function showEnd({ overall, debrief, saved, work_on, real, phase }) {
  const left = real && !debrief && phase === "ended";
  show(byId("overall"), Boolean(overall || debrief || left));
  if (byId("overall").hidden) return;
  const later = saved ? "You can go on with this interview another day: it waits on the start page." : "The interview was left before its end.";
  const outcome = debrief ? debriefOf(debrief) : left ? [el("p", {}, later)] : [el("h3", {}, "Where you stand"), standing(overall), workOn(work_on || [])];
  fill(byId("overall"), outcome,
    el("p", { class: "row" }, saved && !left && el("a", { class: "button", href: `/report/${saved}` }, "See the report"),
      el("a", { class: "button", href: "#rehearse" }, "Rehearse again")));
}

// What the agent says, with the part that was heard so far.
export class Captions {
  show(caption, sentence, share) {
    const box = byId("caption");
    if (!caption) return fill(box);
    if (this.shown !== caption) {
      this.shown = caption;
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
}

// The end of the word in which a share of the text falls.
function wordEnd(text, share) {
  if (share >= 1) return text.length;
  const end = text.indexOf(" ", Math.floor(share * text.length));
  return end < 0 ? text.length : end;
}

