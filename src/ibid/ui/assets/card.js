// The card that shows a quote while its chip is pointed at or has the focus.

import { $, isolate } from "./dom.js";

const EDGE = 12;
const chipAt = (event) => event.target.closest?.(".chip[data-quote]");
const canHover = matchMedia("(hover: hover)");
let waiting; // a moment before the card shows, so that a passing pointer does not flicker

function showCard(chip) {
  const card = $(".card");
  $(".card-title", card).textContent = chip.dataset.title;
  isolate($(".card-about", card), chip.dataset.about);
  $(".card-quote", card).textContent = chip.dataset.quote;
  card.dataset.key = chip.dataset.cite;
  card.hidden = false;
  chip.setAttribute("aria-describedby", "card");
  const at = chip.getBoundingClientRect();
  const widest = document.documentElement.clientWidth - card.offsetWidth - EDGE;
  const above = at.top - card.offsetHeight - 8;
  card.style.left = `${Math.max(EDGE, Math.min(at.left - 24, widest))}px`;
  card.style.top = `${above > 64 ? above : at.bottom + 8}px`;
}

export function hideCard() {
  clearTimeout(waiting);
  const card = $(".card");
  if (!card || card.hidden) return;
  card.hidden = true;
  $("[aria-describedby=card]")?.removeAttribute("aria-describedby");
}

document.addEventListener("mouseover", (event) => {
  const chip = chipAt(event);
  clearTimeout(waiting);
  if (chip && canHover.matches) waiting = setTimeout(showCard, 120, chip);
  else if (!event.target.closest?.(".card")) waiting = setTimeout(hideCard, 160); // on the way to it
});
document.addEventListener("focusin", (event) => {
  const chip = chipAt(event);
  if (chip?.matches(":focus-visible")) showCard(chip);
  else if (!event.target.closest?.(".card")) hideCard();
});
document.addEventListener("scroll", hideCard, { passive: true });
