// What a reader finds wrong: kept on this machine, for `ibid eval`.

import { $, $$, ask, on } from "./dom.js";
import { openedCitation } from "./source.js";

const noted = new Set(); // what was said on this page, so that a second click takes it back
const nameOf = ({ id, number, complaint: { kind, key, article } }) =>
  [id, number, kind, key ?? article].join(" ");

async function complain(about, kind, more) {
  const { conversation: id, turn } = about.dataset;
  const body = { id, number: Number(turn), complaint: { kind, ...more } };
  const name = nameOf(body);
  body.complaint.taken_back = noted.has(name);
  const told = await ask("feedback", body);
  if (told.error) return told;
  if (body.complaint.taken_back) noted.delete(name);
  else noted.add(name);
  return told;
}

const say = (told) => (told.error ? `${told.error} ${told.hint}` : told.said);

function showNoted() {
  const { turn, key } = openedCitation();
  const foot = $(".pane-foot");
  foot.hidden = !turn?.dataset.conversation;
  if (foot.hidden) return;
  for (const button of $$("[data-complain]", foot)) {
    const complaint = { kind: button.dataset.complain, key };
    const name = nameOf({ id: turn.dataset.conversation, number: turn.dataset.turn, complaint });
    button.setAttribute("aria-pressed", String(noted.has(name)));
  }
}

document.addEventListener("source", () => {
  $(".pane-said").textContent = "";
  showNoted();
});
on("click", "[data-complain]", async (button) => {
  const { turn, key } = openedCitation();
  if (!turn) return;
  const told = await complain(turn, button.dataset.complain, { key });
  showNoted();
  $(".pane-said").textContent = say(told);
});

// A source that is missing is named below the answer.

on("click", "[data-missing]", async (button) => {
  const foot = button.closest(".foot");
  const form = $(".missing", foot);
  button.setAttribute("aria-expanded", String(!form));
  if (form) return form.remove();
  const told = await ask("choices");
  const template = document.createElement("template");
  template.innerHTML = told.said ?? "";
  const made = $("#missing-form").content.cloneNode(true);
  const known = $("datalist", template.content); // of the articles: the first field's
  if (known) {
    known.id = "known-missing";
    made.firstElementChild.append(known);
  }
  foot.append(made);
  $(".missing input", foot).focus();
});
on("submit", ".missing", async (form, event) => {
  event.preventDefault();
  const turn = form.closest("[data-turn]");
  const told = await complain(turn, "missing source", { article: $("input", form).value.trim() });
  $("[role=status]", form).textContent = say(told);
});
