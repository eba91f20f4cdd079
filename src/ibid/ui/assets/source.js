// The source pane: a whole article with the cited sentence marked, and the way back to the chip.

import { $, $$, ask, on } from "./dom.js";
import { hideCard } from "./card.js";

let opened = null; // {group, key, nth}: what the pane shows; the nth chip with this key opened it
let asking = 0; // counts requests, so that a late answer to an old one is dropped

// Chips come anew with each update of the page: they are found again by their group and their key.
const GROUP = "[data-turn],[data-group]";

function groupOf(element) {
  const group = element.closest(GROUP);
  if (!group) return null;
  const { turn, group: name } = group.dataset;
  return turn ? `[data-turn="${turn}"]` : `[data-group="${CSS.escape(name)}"]`;
}

const chipsOf = (group, key) => $$(`${group} [data-cite="${CSS.escape(key)}"]`);
const chipOf = ({ group, key, nth }) => group && chipsOf(group, key)[nth];

const keysOf = (group) =>
  group ? [...new Set($$(`${group} [data-cite]`).map((chip) => chip.dataset.cite))] : [];

// The citation that the pane shows, with its turn where it belongs to one.
export const openedCitation = () => ({ key: opened?.key, turn: opened?.group && $(`${opened.group}[data-turn]`) });

async function openSource(group, key, nth = 0) {
  const mine = ++asking;
  const from = document.activeElement;
  hideCard();
  const keys = keysOf(group);
  const also = keys.filter((other) => other !== key).slice(0, 100);
  const query = new URLSearchParams(also.map((other) => ["also", other]));
  const source = await ask(`source/${encodeURIComponent(key)}?${query}`);
  if (mine !== asking) return;
  const stayed = [from, document.body].includes(document.activeElement);
  opened = { group, key, nth };
  fillPane(source, keys.indexOf(key), keys.length);
  showPane(true);
  showMark(stayed); // a reader who went elsewhere meanwhile keeps the focus there
  for (const chip of $$("[data-cite].active")) chip.classList.remove("active");
  chipOf(opened)?.classList.add("active");
  document.dispatchEvent(new CustomEvent("source"));
}

function fillPane(source, index, count) {
  const pane = $(".pane");
  $(".pane-title", pane).textContent = source.error ? "Nothing to show" : source.title;
  $(".pane-about", pane).textContent = source.error ?? source.about;
  $(".place", pane).textContent = source.error ? source.hint : source.place;
  $(".text", pane).innerHTML = source.html ?? "";
  $(".position", pane).textContent = count > 1 ? `${index + 1} of ${count}` : "";
  $("[data-only]", pane).dataset.only = source.name ?? "";
  $(".pane-only", pane).hidden = !source.name;
  for (const step of $$("[data-step]", pane)) {
    const next = index + Number(step.dataset.step);
    step.disabled = next < 0 || next >= count;
    step.hidden = count < 2;
  }
}

function showPane(visible) {
  $(".pane").hidden = !visible;
  $(".veil").hidden = !visible;
  document.documentElement.classList.toggle("reading", visible);
}

function showMark(focus) {
  const mark = $(".pane mark.cited");
  const target = mark ?? $(".pane-title");
  const folded = target.closest("details");
  if (folded) folded.open = true;
  target.tabIndex = -1;
  if (focus) target.focus({ preventScroll: true });
  const body = $(".pane-body");
  const box = target.getBoundingClientRect();
  const frame = body.getBoundingClientRect();
  const middle = body.scrollTop + box.top - frame.top - (frame.height - box.height) / 2;
  body.scrollTo({ top: mark ? middle : 0, behavior: "auto" });
}

export function closeSource() {
  if ($(".pane")?.hidden ?? true) return false;
  asking++;
  showPane(false);
  const chip = opened && chipOf(opened);
  chip?.classList.remove("active");
  (chip ?? $("#question textarea"))?.focus({ preventScroll: true });
  chip?.scrollIntoView({ block: "nearest" });
  opened = null;
  return true;
}

function step(by) {
  if (!opened) return;
  const keys = keysOf(opened.group);
  const next = keys[keys.indexOf(opened.key) + by];
  if (next) openSource(opened.group, next);
}

on("click", "[data-cite]", (chip) => {
  const { cite } = chip.dataset;
  const group = groupOf(chip);
  openSource(group, cite, group ? chipsOf(group, cite).indexOf(chip) : 0);
});
on("click", "[data-read-on]", async (button) => {
  const { readOn: side, at } = button.dataset;
  button.disabled = true;
  const more = await ask(`source/${encodeURIComponent(opened.key)}/more?${new URLSearchParams({ side, at })}`);
  const rest = button.closest(".left-out");
  if (more.error) return void (rest.textContent = `${more.error} ${more.hint}`);
  const body = $(".pane-body");
  const below = body.scrollHeight - body.scrollTop;
  const next = rest.nextElementSibling;
  rest.outerHTML = more.html;
  if (side === "before") body.scrollTop = body.scrollHeight - below; // what is read stays where it is
  ($(`[data-read-on=${side}]`, body) ?? next ?? $(".pane-title")).focus({ preventScroll: true });
});
on("click", "[data-step]", (button) => step(Number(button.dataset.step)));
on("click", "[data-close]", closeSource);
document.addEventListener("keydown", (event) => {
  const inPane = event.target.closest?.(".pane");
  if (inPane && event.key === "ArrowLeft") step(-1);
  if (inPane && event.key === "ArrowRight") step(1);
});
