// The table of the articles.

import { $, ask, on, whenThere } from "./dom.js";

let filling = 0; // counts requests, so that a late answer to an old one is dropped

export async function fill(start = 0) {
  const mine = ++filling;
  const query = new URLSearchParams({ find: $(".shelf-find input").value, start });
  const told = await ask(`articles?${query}`);
  if (mine !== filling) return;
  const rows = $(".shelf tbody");
  $(".shelf-head").innerHTML = told.head ?? "";
  $(".shelf-head").toggleAttribute("data-empty", !told.rows);
  if (start) rows.insertAdjacentHTML("beforeend", told.rows);
  else rows.innerHTML = told.rows ?? "";
  $(".shelf table").hidden = !rows.children.length;
  $(".shelf-more").innerHTML = told.more ?? "";
  $(".shelf-sorry").textContent = told.error ? `${told.error} ${told.hint}` : (told.sorry ?? "");
}

let typing;
on("input", ".shelf-find input", () => {
  clearTimeout(typing);
  typing = setTimeout(fill, 150);
});
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
