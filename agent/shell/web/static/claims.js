// CV and job description: read by the program on this computer, shown, corrected, and the plan that follows from them.

import { get, post, send } from "./api.js";
import { byId, capital, el, fill, say, show } from "./dom.js";

const MOST_BYTES = 20 << 20;
const TITLES = { cv: "Your CV claims", job: "The job asks for" };
const KINDS = { field: "Fields", skill: "Skills" };

export class Claims {
  // order(): all that is chosen.
  constructor(order) {
    this.order = order;
    this.profile = { found_by: "you", claims: [] };
    this.seed = null;
    for (const source of ["cv", "job"]) byId(`${source}-file`).addEventListener("change", (event) => this.file(source, event.target));
    byId("job-read").addEventListener("click", () => this.pasted());
    this.load();
  }

  // What is sent with the order; null when nothing is claimed, or when the claims are to be left out today.
  get chosen() {
    return this.profile.claims.length && byId("follow").checked ? this.profile : null;
  }

  async load() {
    try {
      const { profile } = await get("/api/profile");
      if (profile) this.use(profile, "the profile you kept");
    } catch (error) {
      this.problem(error.message);
      // A kept profile that cannot be used is not a thing to find out by chance.
      byId("profile-problem").closest("details").open = true;
    }
  }

  async file(source, input) {
    const [file] = input.files;
    if (!file) return;
    if (file.size > MOST_BYTES) return this.problem(`${file.name}: larger than 20 MB; give a document without pictures`);
    await this.read(source, file.name, file);
    // The same file may be chosen again once it was corrected.
    input.value = "";
  }

  async pasted() {
    const text = byId("job-text").value;
    if (text.trim()) await this.read("job", "what you pasted.txt", new Blob([text]));
    else this.problem("Paste the text of the job description first.");
  }

  async read(source, name, data) {
    this.problem("");
    say(byId("profile-status"), `Reading ${name} ...`);
    try {
      const found = await send(`/api/document?${new URLSearchParams({ source, name })}`, data);
      this.use({ found_by: found.found_by, claims: [...this.profile.claims.filter((claim) => claim.source !== source), ...found.claims] });
      say(byId("profile-status"), found.claims.length ? `${name} was read by ${found.found_by}. Remove what is wrong, add what is missing.` : `In ${name} is nothing that the questions know. Add claims yourself.`);
    } catch (error) {
      say(byId("profile-status"), "");
      this.problem(error.message);
    }
  }

  problem(text) {
    say(byId("profile-problem"), text);
    show(byId("profile-problem"), Boolean(text));
  }

  use(profile, name = "your CV and the job") {
    this.profile = profile;
    say(byId("follow-text"), `Follow ${name} (${profile.claims.length} ${profile.claims.length === 1 ? "claim" : "claims"})`);
    show(byId("follow-choice"), profile.claims.length > 0);
    this.seed = null;
    this.draw();
  }

  remove(claim) {
    this.use({ ...this.profile, claims: this.profile.claims.filter((item) => item !== claim) });
  }

  add(claim) {
    const same = (item) => item.kind === claim.kind && item.source === claim.source && item.name.toLowerCase() === claim.name.toLowerCase();
    if (claim.name && !this.profile.claims.some(same)) this.use({ ...this.profile, claims: [...this.profile.claims, claim] });
  }

  level(source, name) {
    const others = this.profile.claims.filter((item) => item.source !== source || item.kind !== "seniority");
    const found = this.profile.claims.find((item) => item.source === source && item.kind === "seniority" && item.name === name);
    this.use({ ...this.profile, claims: name ? [...others, found || { kind: "seniority", name, source, line: "" }] : others });
  }

  draw() {
    const { claims } = this.profile;
    const sources = Object.keys(TITLES).filter((source) => claims.some((claim) => claim.source === source));
    this.plan = el("div", { role: "status" });
    const had = document.activeElement && document.activeElement.id;
    fill(byId("claims"), sources.map((source) => this.source(source)), sources.length > 0 && this.buttons(), this.plan);
    // What had the focus was drawn anew.
    if (had && byId(had)) byId(had).focus();
  }

  source(source) {
    const mine = this.profile.claims.filter((claim) => claim.source === source);
    return el("fieldset", { class: "claimed" }, el("legend", {}, TITLES[source]),
      this.seniority(source, mine),
      Object.entries(KINDS).map(([kind, title]) => this.kind(title, mine.filter((claim) => claim.kind === kind))),
      this.adding(source));
  }

  seniority(source, mine) {
    const now = mine.find((claim) => claim.kind === "seniority");
    const names = ["", "junior", "senior"];
    return el("label", { class: "field" }, "Level ",
      el("select", { id: `level-${source}`, onchange: (event) => this.level(source, event.target.value) },
        names.map((name) => el("option", { value: name, ...(name === (now ? now.name : "") ? { selected: true } : {}) }, name || "not said"))),
      now && now.line && el("small", {}, `\u201c${now.line}\u201d`));
  }

  kind(title, claims) {
    if (!claims.length) return null;
    return el("ul", { class: "claim-list", "aria-label": title }, claims.map((claim) =>
      el("li", {}, el("span", {}, el("b", {}, claim.name), claim.kind === "field" && claim.line && el("small", {}, `\u201c${claim.line}\u201d`)),
        el("button", { type: "button", title: "Remove", "aria-label": `Remove ${claim.name}`, onclick: () => this.remove(claim) }, "\u00d7"))));
  }

  adding(source) {
    const kind = el("select", { "aria-label": "Kind of claim" }, el("option", { value: "field" }, "field"), el("option", { value: "skill" }, "skill"));
    const name = el("input", { id: `add-${source}`, type: "text", maxlength: 60, "aria-label": "Name of the claim", placeholder: "add one", onkeydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      add();
    } });
    const add = () => this.add({ kind: kind.value, name: name.value.trim(), source, line: "" });
    return el("div", { class: "adding" }, kind, name, el("button", { type: "button", onclick: add }, "Add"));
  }

  buttons() {
    return el("p", { class: "row" },
      el("button", { type: "button", id: "plan-show", onclick: () => this.showPlan() }, "What will be asked, and why"),
      el("button", { type: "button", onclick: () => this.keep(this.profile) }, "Keep this profile for other days"),
      el("button", { type: "button", onclick: () => this.forget() }, "Use no CV, and keep none"));
  }

  async keep(profile) {
    try {
      const { file, before } = await post("/api/profile/keep", { profile });
      const earlier = before ? ` What was there before is now in ${before}.` : "";
      say(byId("profile-status"), profile ? `These lines, not the documents, are kept in ${file}.${earlier}` : "No profile is kept.");
      this.problem("");
    } catch (error) {
      this.problem(error.message);
    }
  }

  async forget() {
    await this.keep(null);
    this.use({ found_by: "you", claims: [] });
  }

  async showPlan() {
    this.problem("");
    byId("follow").checked = true;
    try {
      const plan = await post("/api/plan", { ...this.order(), seed: this.seed });
      this.seed = plan.seed;
      fill(this.plan, el("ol", { class: "plan" }, plan.questions.map((item) =>
        el("li", {}, el("b", {}, `${capital(item.signal)}, ${item.field}, ${item.seniority}. `), item.why))), leftOut(plan));
    } catch (error) {
      this.problem(error.message);
    }
  }
}

function leftOut({ no_field, no_skill, later }) {
  const line = (title, names) => names.length > 0 && el("p", { class: "quiet" }, `${title}: ${names.join(", ")}.`);
  return [line("No question is about the field", no_field), line("No question names", no_skill), line("Not asked this time", later)];
}
