// The comparison: what is claimed, and the quotes of those that say so.

import { $, ask, on, ledHereByChat, whenThere } from "./dom.js";
import { closeSieve, choose, openSieve, within } from "./sieve.js";
import { copy, save } from "./talk.js";

let asked = 0; // counts requests, so that a late answer to an old one is dropped
let shown = null; // what the address and the exports say: the topic, and what was chosen

const form = () => $("form.topic");

async function compare(topic) {
  const mine = ++asked;
  shown = new URLSearchParams({ topic, ...within(form()) });
  closeSieve(form());
  name();
  $(".compare-said").textContent = "Reading the articles …";
  $(".comparing").toggleAttribute("data-busy", true);
  const told = await ask(`comparison?${shown}`);
  if (mine !== asked) return;
  $(".comparing").toggleAttribute("data-busy", false);
  $(".comparing").toggleAttribute("data-full", Boolean(told.html));
  $(".compared").innerHTML = told.html ?? "";
  $(".compare-said").textContent = told.error ? `${told.error} ${told.hint}` : told.said;
  $(".compare-actions").hidden = !$(".compared .question");
}

// The address names the comparison beside the conversation, so that a reload shows both again.
function name() {
  const query = new URLSearchParams(shown);
  const conversation = new URLSearchParams(location.search).get("c");
  if (conversation) query.set("c", conversation);
  history.replaceState({ own: true }, "", `./?${query}#compare`);
}

async function open() {
  if (shown) return;
  const { topic, ...chosen } = Object.fromEntries(new URLSearchParams(location.search));
  if (topic === undefined) return offerTopics();
  shown = new URLSearchParams({ topic });
  $("#topic").value = topic;
  await choose(form(), chosen);
  if (ledHereByChat()) return compare(topic);
  $(".compare-said").textContent = "A link asks this. Press Enter to compare.";
}

on("submit", ".topic", (_, event) => {
  event.preventDefault();
  compare($("#topic").value.trim());
});

on("click", "[data-choose]", async () => {
  await openSieve(form());
  $(".sieve input", form()).focus();
});

on("click", "[data-compared]", async (button) => {
  const kind = button.dataset.compared;
  if (kind === "link") return copy(button, async () => new URL(`./?${shown}#compare`, document.baseURI).href);
  const response = await fetch(`comparison.${kind === "copy" ? "md" : kind}?${shown}`);
  if (kind === "copy") return copy(button, () => response.text());
  save(await response.blob(), `ibid-comparison.${kind}`);
});

async function offerTopics() {
  if ($(".compared").children.length) return;
  const told = await ask("topics");
  if (shown) return;
  $(".compare-said").textContent = told.error ?? "";
  $(".compare-build").hidden = !told.error || !told.hint.startsWith("ibid build");
  if (told.said) $(".compared").innerHTML = told.said;
}

on("click", "[data-topic]", ({ dataset: { topic } }) => {
  $("#topic").value = topic;
  compare(topic);
});
document.addEventListener("built", () => $(".compare-build").hidden || offerTopics());
document.addEventListener("view", ({ detail }) => detail === "compare" && open());
whenThere([".compared", "form.topic"], () => location.hash === "#compare" && open());
