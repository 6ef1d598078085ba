// The views of the page and the way between them.

import { get } from "./api.js";
import { Audio } from "./audio.js";
import { announce, byId, show } from "./dom.js";
import { openHistory } from "./history.js";
import { Interview } from "./interview.js";
import { openQuestions } from "./questions.js";
import { Rehearse } from "./rehearse.js";
import { openSettings } from "./settings.js";

const VIEWS = ["rehearse", "interview", "history", "questions", "settings"];
let shown = "";
const audio = new Audio();
const interview = new Interview(audio, { ended: () => delete sessionStorage.inInterview, left: () => go("rehearse") });
const rehearse = new Rehearse(audio, begin, () => interview.active);

async function begin(typed, take) {
  sessionStorage.inInterview = typed ? "typed" : "spoken";
  const opened = interview.open(typed, take);
  go("interview");
  await opened;
}

function go(view) {
  if (location.hash === `#${view}`) open();
  else location.hash = view;
}

const openers = {
  rehearse: () => rehearse.open(),
  interview: () => interview.active || interview.values.phase === "ended" || go("rehearse"),
  history: openHistory,
  questions: () => openQuestions((id) => {
    rehearse.pick(id);
    go("rehearse");
  }),
  settings: openSettings,
};

async function open() {
  const name = VIEWS.includes(location.hash.slice(1)) ? location.hash.slice(1) : "rehearse";
  for (const view of VIEWS) show(byId(`view-${view}`), view === name);
  if (name !== shown) window.scrollTo(0, 0);
  // What had the focus is hidden now: whoever uses keyboard or screen reader goes on at the title of what is shown.
  if (shown && name !== shown) byId(`${name}-title`).focus({ preventScroll: true });
  shown = name;
  for (const link of document.querySelectorAll("nav a")) {
    const here = link.hash === `#${name}` || (name === "interview" && link.hash === "#rehearse");
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  try {
    await openers[name]();
  } catch (error) {
    announce(error.message);
    byId("start-problem").textContent = error.message;
    show(byId("start-problem"), true);
  }
}

// After a reload the same tab goes on where it was.
async function resume() {
  if (!sessionStorage.inInterview) return false;
  const { running } = await get("/api/status");
  if (!running) return void delete sessionStorage.inInterview;
  await begin(sessionStorage.inInterview === "typed", false);
  return true;
}

window.addEventListener("hashchange", open);
document.querySelector('nav a[href="#rehearse"]').addEventListener("click", (event) => {
  if (!interview.active) return;
  event.preventDefault();
  go("interview");
});
if (!(await resume().catch(() => false))) open();
document.documentElement.classList.add("ready");
