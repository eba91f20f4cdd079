// The source pane: a whole article with the cited sentence marked, and the way back to the chip.

import { $, $$, address, ask, isolate, on, whenThere } from "./dom.js";
import { hideCard } from "./card.js";

let opened = null; // {group, key, nth, keys}: what the pane shows; the nth chip with this key opened it
let left = null; // what has the focus once the pane is closed
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

// What the arrows lead through: what was looked for in the article, or what a group cites.
const keysOf = ({ group, keys }) =>
  keys ?? (group ? [...new Set($$(`${group} [data-cite]`).map((chip) => chip.dataset.cite))] : []);

// The citation that the pane shows, with its turn where it belongs to one.
export const openedCitation = () => ({ key: opened?.key, turn: opened?.group && $(`${opened.group}[data-turn]`) });

async function openSource(source) {
  const { key } = source;
  const mine = ++asking;
  const from = document.activeElement;
  hideCard();
  const keys = keysOf(source);
  const also = keys.filter((other) => other !== key).slice(0, 100);
  const query = new URLSearchParams(also.map((other) => ["also", other]));
  const told = await ask(`source/${encodeURIComponent(key)}?${query}`);
  if (mine !== asking) return;
  const stayed = [from, document.body].includes(document.activeElement);
  const entry = opened || addressed() === key ? "replace" : "push"; // Back closes what is open
  opened = source;
  if (addressed() !== key) address({ source: key }, { state: { source }, entry });
  fillPane(told, keys.indexOf(key), keys.length);
  showPane(true);
  showMark(stayed); // a reader who went elsewhere meanwhile keeps the focus there
  for (const chip of $$("[data-cite].active")) chip.classList.remove("active");
  chipOf(opened)?.classList.add("active");
  document.dispatchEvent(new CustomEvent("source"));
}

function fillPane(source, index, count) {
  const pane = $(".pane");
  $(".pane-title", pane).textContent = source.error ? "Nothing to show" : source.title;
  isolate($(".pane-about", pane), source.error ?? source.about);
  $(".place", pane).textContent = source.error ? source.hint : source.place;
  $(".text", pane).innerHTML = source.html ?? "";
  $(".pane-tools", pane).hidden = !source.long;
  $(".outline", pane).open = false;
  $(".outline div", pane).innerHTML = "";
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
  if (focus && document.activeElement !== $("#pane-find")) target.focus({ preventScroll: true });
  const body = $(".pane-body");
  const box = target.getBoundingClientRect();
  const frame = body.getBoundingClientRect();
  const middle = body.scrollTop + box.top - frame.top - (frame.height - box.height) / 2;
  body.scrollTo({ top: mark ? middle : 0, behavior: "auto" });
}

const addressed = () => new URLSearchParams(location.search).get("source");

// Show the source that the address names, or none.
export function followAddress() {
  const key = addressed();
  if (!key) {
    hideSource();
    const back = left; // where the address names a view, the browser takes the focus as it goes back
    left = null;
    return void setTimeout(() => back?.focus({ preventScroll: true }));
  }
  if (key === opened?.key) return;
  const chip = $(`[data-cite="${CSS.escape(key)}"]`);
  openSource(history.state?.source ?? { key, nth: 0, group: chip && groupOf(chip) });
}

export function closeSource() {
  if (!hideSource()) return false;
  if (history.state?.source) history.back();
  else address({ source: "" }, { entry: "replace" });
  return true;
}

export function hideSource() {
  asking++; // one that is still being asked for does not open any more
  if ($(".pane")?.hidden ?? true) return false;
  $("#pane-find").value = $(".found").textContent = "";
  showPane(false);
  const chip = opened && chipOf(opened);
  chip?.classList.remove("active");
  left = chip ?? $("#question textarea");
  left?.focus({ preventScroll: true });
  chip?.scrollIntoView({ block: "nearest" });
  opened = null;
  return true;
}

function step(by) {
  if (!opened) return;
  const keys = keysOf(opened);
  const next = keys[keys.indexOf(opened.key) + by];
  if (next) openSource({ ...opened, key: next, nth: 0 });
}

on("click", ".outline summary", async ({ nextElementSibling: list }) => {
  const told = list.innerHTML || (await ask(`source/${encodeURIComponent(opened.key)}/outline`));
  if (told.said) list.innerHTML = told.said;
});

// Find in the article: its places take the part of a group's citations.
let typing;
async function find() {
  const { keys, from, ...source } = opened;
  const words = $("#pane-find").value.trim();
  if (!words) return keys && openSource(from);
  const query = new URLSearchParams({ find: words });
  const told = await ask(`source/${encodeURIComponent(source.key)}/places?${query}`);
  if (!opened) return;
  $(".found").textContent = told.error ?? (told.keys.length ? "" : "not here");
  if (told.keys?.length) openSource({ key: told.keys[0], nth: 0, keys: told.keys, from: from ?? source });
}
on("input", "#pane-find", () => {
  clearTimeout(typing);
  $(".found").textContent = "";
  typing = setTimeout(find, 250);
});
on("submit", ".pane-tools", (_, event) => {
  event.preventDefault();
  step(1);
});

on("click", "[data-cite]", (chip) => {
  const { cite } = chip.dataset;
  const group = groupOf(chip);
  openSource({ group, key: cite, nth: group ? chipsOf(group, cite).indexOf(chip) : 0 });
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
whenThere([".pane", "#transcript :is(.welcome, .trouble, [data-turn])"], followAddress);
document.addEventListener("keydown", (event) => {
  const inPane = event.target.closest?.(".pane") && !event.target.matches("input");
  if (inPane && event.key === "ArrowLeft") step(-1);
  if (inPane && event.key === "ArrowRight") step(1);
});
