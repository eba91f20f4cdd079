// The list of what is kept on this machine: conversations, saved quotes and watched questions, each with a way back.

import { $, $$, ask, on, whenThere } from "./dom.js";
import { openedCitation } from "./source.js";

const SHOWN = 10_000; // milliseconds in which something can be undone by one click
const AGAIN = 800; // milliseconds between two looks at questions that are being asked
const WIDE = matchMedia("(min-width: 1180px)");

let kind = "conversations";
let filling = 0; // counts requests, so that a late answer to an old one is dropped
let listed = null; // what the list shows: what comes again as it is leaves the focus and a click alone
let naming = false; // whether a name is being typed in it: the list waits

async function fill() {
  if ($(".side").hidden) return;
  const mine = ++filling;
  const current = new URLSearchParams(location.search).get("c") ?? "";
  const told = await ask(`kept?${new URLSearchParams({ what: kind, find: $(".side-find input").value, current })}`);
  const list = $("#side-list");
  if (mine !== filling || naming) return;
  if (told.said?.includes("data-pending")) setTimeout(() => mine === filling && fill(), AGAIN);
  if (told.said === listed) return;
  const had = placeOf($(":focus", list));
  listed = told.said;
  if (told.error) list.textContent = `${told.error} ${told.hint}`;
  else list.innerHTML = told.said;
  if (had) $(had, list)?.focus();
}

// How what has the focus is found in a list that came anew: by where it leads, or what it does.
function placeOf(element) {
  const named = [...(element?.attributes ?? [])].find(({ name }) => name === "href" || name.startsWith("data-"));
  return named && `[${named.name}="${CSS.escape(named.value)}"]`;
}

function showSide(visible) {
  $(".side").hidden = !visible;
  document.documentElement.classList.toggle("sided", visible);
  $(".top [data-side]").setAttribute("aria-expanded", String(visible));
  fill();
}

// Beside a wide page it stays as it was left; over a narrow one it is there until something is chosen.
function chooseSide(visible) {
  if (WIDE.matches) localStorage.side = visible ? "open" : "closed";
  showSide(visible);
  if (visible) $(".side-find input").focus();
  else $(".top [data-side]").focus();
}

export function closeSide() {
  if (!$(".side").hidden && (!WIDE.matches || $(".side").contains(document.activeElement))) chooseSide(false);
}

on("click", "[data-side]", () => chooseSide($(".side").hidden));
on("click", "html.sided", (_, event) => {
  if (!WIDE.matches && !event.target.closest(".side, .toast, [data-side]")) showSide(false);
});
on("click", "[data-kept]", (button) => {
  kind = button.dataset.kept;
  for (const other of $$("[data-kept]")) other.setAttribute("aria-pressed", String(other === button));
  fill();
});
let typing;
on("input", ".side-find input", () => {
  clearTimeout(typing);
  typing = setTimeout(fill, 150);
});
on("keydown", ".side", (side, event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const places = [$(".side-find input"), ...$$("li a, .kept-quote", side)];
  const next = places[places.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next || !places.includes(event.target)) return;
  event.preventDefault();
  next.focus();
});

// What was done is told at the bottom, with a way to take it back.

let fading;
let undo = null;

export function toast(told, then = null, label = "Undo") {
  clearTimeout(fading);
  undo = told.error ? null : then;
  $(".toast-said").textContent = told.error ? `${told.error} ${told.hint}` : (told.said ?? "");
  $("[data-undo]").hidden = !undo;
  $("[data-undo]").textContent = label;
  $(".toast").hidden = !told.said && !told.error;
  fading = setTimeout(() => ($(".toast").hidden = true), SHOWN);
}

on("click", "[data-undo]", async () => {
  toast((await undo()) ?? {});
  fill();
});

// Conversations

on("click", "[data-forget]", (button) => forget(button.dataset.forget));
on("click", "#forget", () => forget($("[data-conversation]").dataset.conversation));

async function forget(id) {
  const told = await ask("forget", { id });
  const shown = $("#transcript [data-conversation]")?.dataset.conversation;
  const leaves = !told.error && shown && ["*", shown].includes(id);
  if (leaves) $("#clear").click();
  toast(told, told.place && (async () => {
    const back = await ask("restore", { what: "conversations" });
    if (leaves && !back.error) location.assign(`./?c=${shown}`);
    return back;
  }));
  await fill();
  if (!leaves) ($("#side-list a") ?? $(".side-find input")).focus();
}

on("click", "[data-rename]", (button) => {
  const link = button.parentElement.firstElementChild;
  const field = Object.assign(document.createElement("input"), { maxLength: 200 });
  field.value = $(".title", link).textContent;
  field.setAttribute("aria-label", "The name of the conversation");
  link.replaceWith(field);
  field.select();
  naming = true;
  const done = async (name) => {
    field.onblur = listed = null;
    naming = false;
    if (name !== null) await ask("rename", { id: button.dataset.rename, name });
    await fill();
    $(`[data-rename="${button.dataset.rename}"]`)?.focus();
  };
  field.onblur = () => done(field.value);
  field.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.stopPropagation();
    done(event.key === "Enter" ? field.value : null);
  };
});

// Quotes

async function save(key) {
  const told = await ask("quote", { key });
  toast(told, told.place && (() => ask("unquote", { id: told.place })));
  fill();
}

on("click", "[data-keep]", (button) =>
  save(button.dataset.keep || (button.closest(".card")?.dataset.key ?? openedCitation().key)),
);
on("keydown", ".chip[data-cite], .pane", (place, event) => {
  if (event.key.toLowerCase() !== "s" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea")) return;
  const key = place.dataset.cite ?? ($(".pane [data-keep]").hidden ? null : openedCitation().key);
  if (key) save(key);
});
on("click", "[data-unsave]", async (button) => {
  const told = await ask("unquote", { id: button.dataset.unsave });
  toast(told, () => ask("restore", { what: "quotes" }));
  await fill();
  ($(".kept-quote") ?? $(".side-find input")).focus();
});

// Watched questions

on("click", "[data-watch]", async (button) => {
  const { question, full } = button.closest("[data-turn]").dataset;
  toast(await ask("watch", { question: full || question }));
  fill();
});
on("click", "[data-noted]", async (button) => {
  toast(await ask("noted", { id: button.dataset.noted }));
  fill();
});
on("click", "[data-unwatch]", async (button) => {
  toast(await ask("unwatch", { id: button.dataset.unwatch }), () => ask("restore", { what: "watched" }));
  await fill();
  $(".side-find input").focus();
});

document.addEventListener("source", () => {
  const { key } = openedCitation();
  $(".pane [data-keep]").hidden = !key || key.startsWith("saved-") || key.endsWith("-0-0") || !$(".pane mark.cited");
});

whenThere([".side", ".top", ".toast", "#transcript"], (side, top, bottom, transcript) => {
  new MutationObserver(fill).observe(transcript, { childList: true, subtree: true });
  showSide(WIDE.matches && localStorage.side !== "closed");
});
