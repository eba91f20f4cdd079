// Where one asks: the question, the articles that it is about, and the buttons that ask again.

import { $, $$, ask, on, whenThere } from "./dom.js";

const PATIENCE = 8000; // milliseconds until a question that nobody took up is given back
const TALLEST = 180;

const box = () => $("#box");
const busy = () => $("#live [data-state=open]") !== null;
const send = (kind, detail) =>
  $(".composer").dispatchEvent(new CustomEvent(`send-${kind}`, { bubbles: true, detail }));

export const within = () =>
  Object.fromEntries($$(".sieve input").map(({ name, value }) => [name, value.trim()]).filter(([, value]) => value));

let waiting;

function submit(question, chosen = within(), instead = 0) {
  if (!question.trim() || busy()) return false;
  send("submit", { question, within: chosen, instead });
  closeSieve();
  $(".composer-sorry").textContent = "";
  clearTimeout(waiting);
  const turns = $$("[data-turn]").at(-1)?.dataset.turn;
  waiting = setTimeout(() => {
    if ($$("[data-turn]").at(-1)?.dataset.turn !== turns) return;
    $(".composer-sorry").textContent = "The chat does not answer. Start it again: ibid chat";
    if (!box().value) fillBox(question);
  }, PATIENCE);
  return true;
}

function fillBox(question) {
  box().value = question;
  grow();
}

function grow() {
  const area = box();
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, TALLEST)}px`;
}

on("submit", ".composer", (form, event) => {
  event.preventDefault();
  if (submit(box().value)) fillBox("");
});
on("keydown", "#box", (area, event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (submit(area.value)) fillBox("");
});
on("input", "#box", grow);
on("click", "#stop", () => send("stop"));
on("click", "#clear", () => {
  closeSieve();
  send("clear");
  history.replaceState(null, "", "./");
  box().focus();
});
on("click", "[data-ask]", (example) => submit(example.dataset.ask, {}));

const asked = (button) => {
  const { question, within: chosen, turn } = button.closest("[data-turn]").dataset;
  return { question, chosen: JSON.parse(chosen), turn: Number(turn) };
};

on("click", "[data-again]", (button) => {
  const { question, chosen, turn } = asked(button);
  submit(question, chosen, turn);
});
on("click", "[data-edit]", async (button) => {
  const { question, chosen } = asked(button);
  if (Object.keys(chosen).length) await openSieve();
  for (const field of $$(".sieve input")) field.value = chosen[field.name] ?? "";
  nameSieve();
  fillBox(question);
  box().focus();
});

// The sieve: which articles are asked

async function openSieve() {
  const sieve = $(".sieve");
  sieve.hidden = false;
  $("[data-sieve]").setAttribute("aria-expanded", "true");
  if (sieve.children.length) return;
  const told = await ask("choices");
  if (told.error) sieve.textContent = `${told.error} ${told.hint}`;
  else sieve.innerHTML = told.said;
}

function closeSieve() {
  $(".sieve").hidden = true;
  $("[data-sieve]").setAttribute("aria-expanded", "false");
}

function nameSieve() {
  const chosen = Object.values(within());
  $("[data-sieve] span").textContent = chosen.length ? `Only: ${chosen.join(", ")}` : "All articles";
  $("[data-sieve]").classList.toggle("chosen", chosen.length > 0);
  $("[data-unsieve]").hidden = !chosen.length;
}

on("click", "[data-sieve]", async () => {
  if (!$(".sieve").hidden) return closeSieve();
  await openSieve();
  $(".sieve input")?.focus();
});
on("click", "[data-unsieve]", () => {
  for (const field of $$(".sieve input")) field.value = "";
  nameSieve();
  box().focus();
});
on("input", ".sieve input", nameSieve);
on("keydown", ".sieve input", (field, event) => {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  closeSieve();
  box().focus();
});
document.addEventListener("built", () => {
  $(".sieve").replaceChildren();
  closeSieve();
  nameSieve();
});

whenThere(["#box"], (area) => matchMedia("(hover: hover)").matches && area.focus({ preventScroll: true }));
