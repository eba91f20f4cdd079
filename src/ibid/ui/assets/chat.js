// The page's own behaviour: chips, the card, the source pane, copying, and where the page stands.
// Text from answers and articles reaches the page as textContent, or as HTML that the server escaped.
(() => {
  "use strict";

  const $ = (selector, within = document) => within.querySelector(selector);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const motion = () => (calm.matches ? "auto" : "smooth");

  // The source pane

  let opened = null; // {turn, key}: the citation that the pane shows
  let asking = 0; // counts requests, so that a late answer to an old one is dropped

  const chipOf = ({ turn, key }) =>
    $(`[data-turn="${turn}"] [data-cite="${CSS.escape(key)}"]`);

  const citationsOf = (turn) => {
    const chips = document.querySelectorAll(`[data-turn="${turn}"] [data-cite]`);
    return [...new Set([...chips].map((chip) => chip.dataset.cite))];
  };

  async function openSource(turn, key) {
    const mine = ++asking;
    hideCard();
    const keys = citationsOf(turn);
    const also = keys.filter((other) => other !== key).slice(0, 100);
    const query = new URLSearchParams(also.map((other) => ["also", other]));
    let source;
    try {
      const response = await fetch(`source/${encodeURIComponent(key)}?${query}`);
      source = await response.json();
    } catch {
      source = { error: "The chat does not answer.", hint: "ibid chat" };
    }
    if (mine !== asking) return;
    opened = { turn, key };
    fillPane(source, keys.indexOf(key), keys.length);
    showPane(true);
    showMark();
    for (const chip of document.querySelectorAll("[data-cite].active")) chip.classList.remove("active");
    chipOf(opened)?.classList.add("active");
  }

  function fillPane(source, index, count) {
    const pane = $(".pane");
    $(".pane-title", pane).textContent = source.error ? "Nothing to show" : source.title;
    $(".pane-about", pane).textContent = source.error ?? source.about;
    $(".place", pane).textContent = source.error ? source.hint : source.place;
    $(".text", pane).innerHTML = source.html ?? "";
    $(".position", pane).textContent = count > 1 ? `${index + 1} of ${count}` : "";
    for (const step of pane.querySelectorAll("[data-step]")) {
      const next = index + Number(step.dataset.step);
      step.disabled = next < 0 || next >= count;
    }
  }

  function showPane(visible) {
    $(".pane").hidden = !visible;
    $(".veil").hidden = !visible;
    document.documentElement.classList.toggle("reading", visible);
  }

  function showMark() {
    const mark = $(".pane mark.cited");
    const target = mark ?? $(".pane-title");
    const folded = target.closest("details");
    if (folded) folded.open = true;
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    const body = $(".pane-body");
    const box = target.getBoundingClientRect();
    const frame = body.getBoundingClientRect();
    const middle = body.scrollTop + box.top - frame.top - (frame.height - box.height) / 2;
    body.scrollTo({ top: mark ? middle : 0, behavior: "auto" });
  }

  function closeSource() {
    if ($(".pane")?.hidden ?? true) return;
    asking++;
    showPane(false);
    const chip = opened && chipOf(opened);
    chip?.classList.remove("active");
    (chip ?? $("#question textarea"))?.focus({ preventScroll: true });
    chip?.scrollIntoView({ block: "nearest" });
    opened = null;
  }

  function step(by) {
    if (!opened) return;
    const keys = citationsOf(opened.turn);
    const next = keys[keys.indexOf(opened.key) + by];
    if (next) openSource(opened.turn, next);
  }

  // The card that shows a quote

  function showCard(chip) {
    const card = $(".card");
    $(".card-title", card).textContent = chip.dataset.title;
    $(".card-about", card).textContent = chip.dataset.about;
    $(".card-quote", card).textContent = chip.dataset.quote;
    card.hidden = false;
    chip.setAttribute("aria-describedby", "card");
    const at = chip.getBoundingClientRect();
    const edge = 12;
    const widest = document.documentElement.clientWidth - card.offsetWidth - edge;
    const above = at.top - card.offsetHeight - 8;
    card.style.left = `${Math.max(edge, Math.min(at.left - 24, widest))}px`;
    card.style.top = `${above > 64 ? above : at.bottom + 8}px`;
  }

  function hideCard() {
    const card = $(".card");
    if (!card || card.hidden) return;
    card.hidden = true;
    $("[aria-describedby=card]")?.removeAttribute("aria-describedby");
  }

  const chipAt = (event) => event.target.closest?.(".chip[data-quote]");
  let waiting; // a moment before the card shows, so that a passing pointer does not flicker
  const canHover = matchMedia("(hover: hover)");

  document.addEventListener("mouseover", (event) => {
    const chip = chipAt(event);
    clearTimeout(waiting);
    if (chip && canHover.matches) waiting = setTimeout(showCard, 120, chip);
    else if (!event.target.closest?.(".card")) hideCard();
  });
  document.addEventListener("focusin", (event) => {
    const chip = chipAt(event);
    if (chip?.matches(":focus-visible")) showCard(chip);
    else hideCard();
  });
  document.addEventListener("scroll", hideCard, { passive: true });

  // Clicks and keys; one listener each, since answers come and go

  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.("[data-cite],[data-close],[data-step],[data-copy],[data-link]");
      if (!button) return;
      clearTimeout(waiting);
      const { cite, step: by, copy, link } = button.dataset;
      if (cite) openSource(button.closest("[data-turn]").dataset.turn, cite);
      else if (by) step(Number(by));
      else if (copy !== undefined) copyText(button, copy);
      else if (link !== undefined) copyText(button, permalink(link));
      else closeSource();
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      hideCard();
      closeSource();
    }
    const inPane = event.target.closest?.(".pane");
    if (inPane && event.key === "ArrowLeft") step(-1);
    if (inPane && event.key === "ArrowRight") step(1);
  });

  const permalink = (question) => {
    const url = new URL(document.baseURI);
    url.search = new URLSearchParams({ q: question });
    return url.href;
  };

  async function copyText(button, text) {
    const label = button.dataset.label ?? button.textContent;
    button.dataset.label = label;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here";
    }
    setTimeout(() => (button.textContent = label), 1600);
  }

  // Where the page stands: a question goes to the top, a growing answer stays in view

  let moved = false; // the reader has taken over since the last question
  let latest = "0";
  for (const kind of ["wheel", "touchmove"]) {
    document.addEventListener(kind, () => (moved = true), { passive: true });
  }

  function follow() {
    const turn = [...document.querySelectorAll("[data-turn]")].at(-1);
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

  const watched = new MutationObserver(follow);
  const started = setInterval(() => {
    const parts = [$("#transcript"), $("#live")];
    if (parts.includes(null)) return;
    clearInterval(started);
    for (const part of parts) watched.observe(part, { childList: true, subtree: true, characterData: true });
    follow();
  }, 30);
})();
