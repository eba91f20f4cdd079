// The conversation: copying, and where the page stands while an answer grows.

import { $, $$, flash, motion, on, whenThere } from "./dom.js";

on("click", "[data-copy]", (button) => copy(button, button.dataset.copy));
on("click", "[data-link]", (button) => copy(button, permalink(button.dataset.link)));

function permalink(question) {
  const url = new URL(document.baseURI);
  url.search = new URLSearchParams({ q: question });
  return url.href;
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    flash(button, "Copied");
  } catch {
    flash(button, "Not allowed here");
  }
}

// A question goes to the top; a growing answer stays in view unless the reader has moved.

let moved = false;
let latest = "0";
for (const kind of ["wheel", "touchmove"]) {
  document.addEventListener(kind, () => (moved = true), { passive: true });
}

function follow() {
  const turn = $$("[data-turn]").at(-1);
  if (!turn) return void (latest = "0");
  const { turn: number, state } = turn.dataset;
  const top = turn.getBoundingClientRect().top;
  if (number !== latest) {
    latest = number;
    moved = false;
    turn.scrollIntoView({ block: "start", behavior: motion() });
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
