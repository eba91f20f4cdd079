// The comparison: a grid whose cells open their evidence.

import { $, $$, ask, flash, on, whenThere } from "./dom.js";
import { save } from "./talk.js";

let asked = 0; // counts requests, so that a late answer to an old one is dropped
let shown = "";

async function compare(topic) {
  const mine = ++asked;
  shown = topic;
  $(".compare-said").textContent = "Reading the articles …";
  $(".comparing").toggleAttribute("data-busy", true);
  const told = await ask(`comparison?${new URLSearchParams({ topic })}`);
  if (mine !== asked) return;
  $(".comparing").toggleAttribute("data-busy", false);
  $(".comparing").toggleAttribute("data-full", Boolean(told.html));
  $(".compared").innerHTML = told.html ?? "";
  $(".compare-said").textContent = told.error ? `${told.error} ${told.hint}` : told.said;
  $(".compare-actions").hidden = !$(".compared .question");
}

on("submit", ".topic", (form, event) => {
  event.preventDefault();
  if ($("#topic").value.trim()) compare($("#topic").value.trim());
});

// One cell of a row is open at a time.
on("click", "[data-cell]", (cell) => {
  const open = cell.getAttribute("aria-expanded") !== "true";
  for (const other of $$("[data-cell]", cell.closest("tr"))) {
    const show = other === cell && open;
    other.setAttribute("aria-expanded", String(show));
    document.getElementById(other.getAttribute("aria-controls")).hidden = !show;
  }
});

on("click", "[data-compared]", async (button) => {
  const copying = button.dataset.compared === "copy";
  const suffix = copying ? "md" : button.dataset.compared;
  const response = await fetch(`comparison.${suffix}?${new URLSearchParams({ topic: shown })}`);
  if (!copying) return save(await response.blob(), `ibid-comparison.${suffix}`);
  try {
    await navigator.clipboard.writeText(await response.text());
    flash(button, "Copied");
  } catch {
    flash(button, "Not allowed here");
  }
});

async function offerTopics() {
  if ($(".compared").children.length) return;
  const told = await ask("topics");
  $(".compare-said").textContent = told.error ? `${told.error} ${told.hint}` : "";
  if (told.said && !shown) $(".compared").innerHTML = told.said;
}

on("click", "[data-topic]", ({ dataset: { topic } }) => {
  $("#topic").value = topic;
  compare(topic);
});
document.addEventListener("view", ({ detail }) => detail === "compare" && offerTopics());
whenThere([".compared"], () => location.hash === "#compare" && offerTopics());
