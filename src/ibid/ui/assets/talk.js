// The conversation: taking answers elsewhere, and where the page stands while one grows.

import { $, $$, address, flash, motion, on, whenThere } from "./dom.js";

const turnOf = (element) => element.closest("[data-turn]").dataset;

on("click", "[data-copy]", (button) => copy(button, async () => (await exported(button, "md")).text()));
on("click", "[data-link]", (button) => copy(button, async () => permalink(turnOf(button))));
on("click", "[data-text]", (button) => copy(button, async () => button.dataset.text));
on("click", "[data-save]", async (button) => {
  const response = await exported(button, button.dataset.save);
  save(await response.blob(), `ibid-answer.${button.dataset.save}`);
  button.closest("details").open = false;
});

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

document.addEventListener("click", (event) => {
  for (const menu of $$(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

async function exported(button, suffix) {
  const { conversation, turn } = turnOf(button);
  const response = await fetch(`export/${conversation}/${turn}.${suffix}`);
  if (!response.ok) throw new Error("the answer is not kept any more");
  return response;
}

function permalink({ full, within }) {
  const url = new URL(document.baseURI);
  url.hash = "";
  url.search = new URLSearchParams({ q: full, ...JSON.parse(within) });
  return url.href;
}

export async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(await text());
    flash(button, "Copied");
  } catch {
    flash(button, "Not allowed here");
  }
}

// The address names the conversation, so that a reload shows it again.

const addressed = () => new URLSearchParams(location.search);

function name({ dataset: { conversation, left } }) {
  if (!conversation || left === "" || addressed().get("c") === conversation) return;
  const others = Object.fromEntries([...addressed().keys()].map((key) => [key, ""]));
  const source = addressed().get("source");
  address({ ...others, source, c: conversation }, { state: history.state, entry: "replace" });
}

// Another conversation comes with a page of its own.
addEventListener("popstate", () => {
  const shown = $$("[data-conversation]").at(-1)?.dataset.conversation ?? "";
  if ((addressed().get("c") ?? "") !== shown) location.reload();
});

// A tab is called like its conversation.
function nameTab() {
  const { view } = document.documentElement.dataset;
  const shown = view === "ask" ? "" : $(".views [aria-current]")?.textContent;
  document.title = [shown, $(".turn .question")?.textContent, "ibid"].filter(Boolean).join(" · ");
}
document.addEventListener("view", nameTab);

// A question goes to the top; a growing answer stays in view unless the reader has moved.

let moved = false;
let latest = null;
for (const kind of ["wheel", "touchmove"]) {
  document.addEventListener(kind, () => (moved = true), { passive: true });
}

function follow() {
  // The one that was asked here stays in view, whatever other pages ask after it.
  const turn = $("#live [data-turn]") ?? $(`[data-turn="${latest}"]`) ?? $$("[data-turn]").at(-1);
  nameTab();
  if (!turn) return void (latest = "0");
  name(turn);
  const { turn: number, state } = turn.dataset;
  const top = turn.getBoundingClientRect().top;
  if (number !== latest) {
    const behavior = latest === null ? "auto" : motion(); // a page that is opened jumps
    latest = number;
    moved = false;
    turn.scrollIntoView({ block: "start", behavior });
  } else if (!moved && state === "done" && top > 120) {
    turn.scrollIntoView({ block: "start", behavior: motion() });
  } else if (!moved && state === "open") {
    const over = turn.getBoundingClientRect().bottom - ($("#composer")?.getBoundingClientRect().top ?? 0);
    if (over > -24) scrollBy({ top: over + 48, behavior: "auto" });
  }
}

whenThere(["#transcript", "#live"], (...parts) => {
  const watched = new MutationObserver(follow);
  for (const part of parts) watched.observe(part, { childList: true, subtree: true, characterData: true });
  follow();
});
