// Which view is shown: it stands in the address, so that Back and reload keep it.

import { $$, address, on, whenThere } from "./dom.js";
import { followAddress, hideSource } from "./source.js";

const VIEWS = ["ask", "compare", "articles"];
const scrolled = {};
let shown;

function show() {
  const next = VIEWS.find((name) => location.hash === `#${name}`) ?? VIEWS[0];
  if (next === shown) return;
  hideSource();
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
  if (link.hash === location.hash) return;
  address({ source: "" }, { hash: link.hash });
  show();
});
addEventListener("hashchange", show);
addEventListener("popstate", () => {
  show();
  followAddress();
});
whenThere([".views", "#articles", ".pane"], show);
