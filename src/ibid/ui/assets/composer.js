// Where one asks: the question, and the buttons that ask again.

import { $, $$, address, on, ledHereByChat, whenThere } from "./dom.js";
import { choose, closeSieve, openSieve, within } from "./sieve.js";

const PATIENCE = 8000; // milliseconds until a question that nobody took up is given back
const PULSE = 3000; // milliseconds between two looks whether the chat that is answering is still the same
const TALLEST = 180;

const form = () => $(".composer");
const box = () => $("#box");
const busy = () => $("#live [data-state=open]") !== null;
export const send = (kind, detail) =>
  form().dispatchEvent(new CustomEvent(`send-${kind}`, { bubbles: true, detail }));

// What stands on the page: the chat may have been started anew since, and other pages may have gone on.
function standing() {
  const turns = $$("[data-turn]:not([data-left])").map(({ dataset }) => dataset);
  return { conversation: turns.at(-1)?.conversation ?? "", shown: turns.map(({ turn }) => Number(turn)) };
}

// The browser may bring a page back as it was left.
addEventListener("pageshow", ({ persisted }) => persisted && send("focus", standing()));
document.addEventListener("visibilitychange", () => document.hidden || busy() || send("focus", standing()));

async function chatNow() {
  const reply = await fetch("gradio_api/app_id").catch(() => null);
  return reply?.ok ? (await reply.json()).app_id : null;
}

let askedOf = null; // the chat that got the question: it may not be the one that this page came from

// An answer that breaks off because the chat is started anew never ends: what is kept of it is read anew.
setInterval(async () => {
  if (!busy()) return;
  const now = await chatNow();
  if (now && now !== ((await askedOf) ?? window.gradio_config.app_id)) location.reload();
}, PULSE);

let waiting;
let nth = 0; // numbers the questions of this page: the server answers them in this order

// What changes when a question is taken up, to be answered or to wait.
const progress = () => `${$$("[data-turn]").at(-1)?.dataset.turn} ${$$(".waiting").length}`;

function submit(question, chosen = within(form()), instead = 0) {
  if (!question.trim()) return false;
  askedOf = chatNow();
  const sent = { question: question.slice(0, 2 * box().dataset.most), within: chosen, instead, nth: ++nth };
  send("submit", { ...sent, model: localStorage.model ?? "", ...standing() });
  closeSieve(form());
  $(".composer-sorry").textContent = "";
  clearTimeout(waiting);
  const before = progress();
  waiting = setTimeout(() => {
    if (progress() !== before) return;
    $(".composer-sorry").textContent = "The chat does not answer. Start it again: ibid chat";
    if (!box().value) fillBox(question);
  }, PATIENCE);
  return true;
}

function fillBox(question) {
  box().value = question;
  keepDraft();
}

function keepDraft() {
  const area = box();
  sessionStorage.draft = area.value; // this tab's own, so that going back or a reload loses no half question
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, TALLEST)}px`;
}

on("submit", ".composer", (_, event) => {
  event.preventDefault();
  if (submit(box().value)) fillBox("");
});
on("keydown", "#box", (area, event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (submit(area.value)) fillBox("");
});
on("input", "#box", ({ value, dataset: { most } }) => {
  keepDraft();
  const more = value.trim().length - most;
  $(".composer-sorry").textContent = more > 0 ? `Too long by ${more} characters: the end will not be read.` : "";
});
on("click", "#stop", () => send("stop"));
on("click", "#clear", () => {
  closeSieve(form());
  for (const turn of $$("[data-turn]")) turn.dataset.left = ""; // until the empty page comes
  send("clear");
  const others = Object.fromEntries([...new URLSearchParams(location.search).keys()].map((key) => [key, ""]));
  address(others, { hash: "", entry: location.search ? "push" : "replace" });
  box().focus();
});
on("click", "[data-ask]", (example) => submit(example.dataset.ask, JSON.parse(example.dataset.within ?? "{}")));

const asked = (button) => {
  const { question, full, within: chosen, turn } = button.closest("[data-turn]").dataset;
  return { question, full, chosen: JSON.parse(chosen), turn: Number(turn) };
};

on("click", "[data-again]", (button) => {
  const { question, chosen, turn } = asked(button);
  submit(question, chosen, turn);
});
on("click", "[data-edit]", async (button) => {
  const { full, chosen } = asked(button); // without the articles that it names: those are chosen
  if (Object.keys(chosen).length) await openSieve(form());
  await choose(form(), chosen);
  fillBox(full);
  box().focus();
});

// A link can hold a question, and the articles that it is about. One from elsewhere only fills the box.

async function takeUp() {
  const { q: question, c, topic, ...chosen } = Object.fromEntries(new URLSearchParams(location.search));
  if (!question?.trim()) return void fillBox(sessionStorage.draft ?? "");
  if (ledHereByChat() && submit(question, chosen)) return;
  fillBox(question);
  $(".composer-sorry").textContent = "A link asks this. Press Enter in the box to ask it.";
  await choose(form(), chosen);
}

whenThere(["#box", "#transcript :is(.welcome, .trouble, [data-turn])"], takeUp);

// A key that was held down on a page elsewhere must not send what its link brought along.
const isBroughtAlong = () => new URLSearchParams(location.search).has("q") && !ledHereByChat();

whenThere(["#box"], (area) => {
  if (matchMedia("(hover: hover)").matches && !isBroughtAlong()) area.focus({ preventScroll: true });
});
