// The table of the articles.

import { $, $$, ask, on, whenThere } from "./dom.js";
import { askOnly } from "./sieve.js";

let filling = 0; // counts requests, so that a late answer to an old one is dropped

export async function fill(start = 0) {
  const mine = ++filling;
  const query = new URLSearchParams({ find: $(".shelf-find input").value, start, order: $(".shelf-order").value });
  const told = await ask(`articles?${query}`);
  if (mine !== filling) return;
  const rows = $(".shelf tbody");
  $(".shelf-head").innerHTML = told.head ?? "";
  $(".shelf-head").toggleAttribute("data-empty", !told.rows);
  if (start) rows.insertAdjacentHTML("beforeend", told.rows);
  else rows.innerHTML = told.rows ?? "";
  showTicks();
  $(".shelf table").hidden = !rows.children.length;
  $(".shelf-more").innerHTML = told.more ?? "";
  $(".shelf-sorry").textContent = told.error ? `${told.error} ${told.hint}` : (told.sorry ?? "");
}

const ticked = new Set(); // the articles that are to be asked alone, whatever rows are shown

function showTicks() {
  for (const box of $$("[data-tick]")) box.checked = ticked.has(box.dataset.tick);
  $(".shelf-ticked").hidden = !ticked.size;
  $("[data-only-ticked]").textContent = `Ask only ${ticked.size === 1 ? "this" : `these ${ticked.size}`}`;
}

on("change", "[data-tick]", ({ checked, dataset: { tick } }) => {
  if (checked) ticked.add(tick);
  else ticked.delete(tick);
  showTicks();
});
on("click", "[data-only-ticked]", () => askOnly([...ticked]));
on("click", "[data-untick]", () => {
  ticked.clear();
  showTicks();
});

let typing;
on("input", ".shelf-find input", () => {
  clearTimeout(typing);
  typing = setTimeout(fill, 150);
});
on("change", ".shelf-order", () => fill());
on("click", "[data-find]", (button) => {
  $(".shelf-find input").value = button.dataset.find;
  fill();
});
on("click", "[data-more]", (button) => fill(Number(button.dataset.more)));
on("click", "[data-findings]", (button) => {
  const row = document.getElementById(button.getAttribute("aria-controls"));
  row.hidden = !row.hidden;
  button.setAttribute("aria-expanded", String(!row.hidden));
});
document.addEventListener("view", ({ detail }) => detail === "articles" && fill());
whenThere([".shelf", ".strip"], () => location.hash === "#articles" && fill());
