// Which view is shown: it stands in the address, so that Back and reload keep it.

import { $$, on, whenThere } from "./dom.js";
import { closeSource } from "./source.js";

const VIEWS = ["ask", "compare", "articles"];
const scrolled = {};
let shown;

function show() {
  const next = VIEWS.find((name) => location.hash === `#${name}`) ?? VIEWS[0];
  if (next === shown) return;
  closeSource();
  scrolled[shown] = scrollY;
  shown = next;
  document.documentElement.dataset.view = next;
  for (const link of $$(".views a")) {
    if (link.hash === `#${next}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  scrollTo(0, scrolled[next] ?? 0);
  document.dispatchEvent(new CustomEvent("view", { detail: next }));
}

// The page has a base address: without this, a link would leave the conversation that the address names.
on("click", ".views a", (link, event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  location.hash = link.hash;
});
addEventListener("hashchange", show);
whenThere([".views", "#articles", ".pane"], show);
