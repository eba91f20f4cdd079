// The page's own behaviour. Text from answers and articles reaches the page as textContent, or as
// HTML that the server escaped.

import "./add.js";
import "./articles.js";
import { hideCard } from "./card.js";
import "./compare.js";
import "./composer.js";
import "./feedback.js";
import "./related.js";
import "./settings.js";
import { closeSide } from "./side.js";
import "./writer.js";
import { closeSource } from "./source.js";
import "./strip.js";
import "./talk.js";
import "./views.js";

// The browser itself ends the streams of a page that is left. Gradio does so before it, and complains
// of that as of an error; its listener is there before this module is.
const { abort } = AbortController.prototype;
AbortController.prototype.abort = function (...reason) {
  if (window.event?.type !== "beforeunload") abort.apply(this, reason);
};

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  hideCard();
  if (!closeSource()) closeSide();
});
