// What the other modules share: finding elements, asking the server, telling what went wrong.

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

const calm = matchMedia("(prefers-reduced-motion: reduce)");
export const motion = () => (calm.matches ? "auto" : "smooth");

// The page's parts come when Gradio has made them.
export function whenThere(selectors, then) {
  const found = selectors.map((selector) => $(selector));
  if (found.includes(null)) return void setTimeout(whenThere, 30, selectors, then);
  then(...found);
}

// Whether a page of the chat led here: the server says so. What an address asks is asked by itself
// only then.
export const ledHereByChat = () =>
  history.state?.own === true || // this page put it there, before it was read anew
  Boolean(performance.getEntriesByType("navigation")[0]?.serverTiming?.some(({ name }) => name === "own"));

// The address names what the page shows: conversation, view and source. What is changed to nothing
// leaves it; a new entry of the history is one that Back comes back from.
export function address(change, { state = null, hash = location.hash, entry = "push" } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  history[`${entry}State`](state, "", `./${query.size ? `?${query}` : ""}${hash}`);
}

// One listener per kind of event on the document, since answers come and go.
export function on(type, selector, then) {
  document.addEventListener(
    type,
    (event) => {
      const found = event.target.closest?.(selector);
      if (found) then(found, event);
    },
    true,
  );
}

const SILENT = { error: "The chat does not answer.", hint: "ibid chat" };

// Return what the server says as an object; where it says nothing, `error` and `hint`.
export async function ask(address, body) {
  const sent = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    const response = await fetch(address, sent);
    return await response.json();
  } catch {
    return SILENT;
  }
}

// Show author, date and place: each keeps its own direction and turns none beside it.
export function isolate(element, text) {
  const parts = text.split(" · ").map((part) => Object.assign(document.createElement("bdi"), { textContent: part }));
  element.replaceChildren(...parts.flatMap((part, number) => (number ? [" · ", part] : [part])));
}

// Show a short word in place of a button's own for a moment.
export function flash(button, word) {
  button.dataset.label ??= button.textContent;
  button.textContent = word;
  setTimeout(() => (button.textContent = button.dataset.label), 1600);
}
