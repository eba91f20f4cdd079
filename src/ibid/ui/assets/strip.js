// The strip below the top: whether the index is up to date, and the build that brings it there.

import { $, $$, ask, on, whenThere } from "./dom.js";
import { fill } from "./articles.js";
import { send } from "./composer.js";

const POLL = 200; // milliseconds between two looks at a build
const RESTED = 15_000; // milliseconds between two looks at the folder
const SHOWN = 9_000; // milliseconds that good news stays

let looked = -RESTED;
let building = false;
let fading;

function tell(told, kind) {
  const strip = $(".strip");
  clearTimeout(fading);
  strip.dataset.kind = kind;
  strip.hidden = !told.said && !told.error;
  document.documentElement.classList.toggle("striped", !strip.hidden);
  $(".strip-said", strip).textContent = told.error ?? told.said ?? "";
  $(".strip-hint", strip).textContent = told.hint ?? "";
  const bar = $("progress", strip);
  bar.hidden = kind !== "running";
  if (told.total) {
    bar.max = told.total;
    bar.value = told.done;
  } else bar.removeAttribute("value");
  $("[data-build]", strip).hidden = kind !== "stale";
  for (const button of $$("[data-lose], [data-hold]", strip)) button.hidden = kind !== "asking";
  $("[data-lose]", strip).dataset.lose = told.losing ?? "";
  $("[data-hush]", strip).hidden = kind === "running" || kind === "asking";
  for (const button of $$("[data-build]")) button.toggleAttribute("aria-disabled", kind === "running");
  if (kind === "done") fading = setTimeout(tell, SHOWN, {}, "current");
}

async function look() {
  const asking = $('.strip[data-kind="asking"]:not([hidden])'); // waits for an answer
  if (building || asking || performance.now() - looked < RESTED) return;
  const mine = (looked = performance.now());
  const overtaken = () => building || looked !== mine; // by a build, which knows better
  const job = await ask("build");
  if (overtaken()) return;
  if (job.state === "running") return void follow();
  const told = await ask("standing");
  if (!overtaken()) tell(told, told.stale ? "stale" : "current");
}

export async function build(losing = "") {
  const told = await ask("build", { losing });
  if (told.error) return void tell(told, "refused");
  await follow();
}

async function follow() {
  building = true;
  let job = { state: "running" };
  while (job.state === "running") {
    job = await ask("build");
    tell(job, job.error ? "refused" : job.state);
    if (job.state === "running") await new Promise((then) => setTimeout(then, POLL));
  }
  building = false;
  looked = -RESTED;
  document.dispatchEvent(new CustomEvent("built", { detail: job }));
  if (document.documentElement.dataset.view === "articles") fill();
}

on("click", "[data-build]", () => build());
on("click", "[data-lose]", (button) => build(button.dataset.lose));
on("click", "[data-hush], [data-hold]", () => tell({}, "current"));
document.addEventListener("visibilitychange", () => document.hidden || look());
addEventListener("focus", look);
whenThere([".strip"], look);
// The empty page says what can be asked: what has just been built.
document.addEventListener("built", () => $(".welcome") && send("clear"));
