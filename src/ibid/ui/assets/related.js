// What can be asked next, below the last answer: looked for once the answer is there.

import { $$, ask, whenThere } from "./dom.js";

const known = new Map(); // the page's parts come anew with each update

async function relate() {
  const turn = $$("#transcript [data-turn]").at(-1);
  if (!turn?.dataset.conversation || turn.querySelector(".related")) return;
  const place = document.createElement("section");
  place.className = "related";
  const nearest = turn.querySelector(".nearest"); // after a refusal what can be asked comes first
  if (nearest) nearest.before(place);
  else turn.append(place);
  const { conversation, turn: number } = turn.dataset;
  const address = `related/${conversation}/${number}`;
  if (!known.has(address)) known.set(address, ask(address));
  place.innerHTML = (await known.get(address)).said ?? "";
}

whenThere(["#transcript"], (transcript) => {
  new MutationObserver(relate).observe(transcript, { childList: true, subtree: true });
  relate();
});
