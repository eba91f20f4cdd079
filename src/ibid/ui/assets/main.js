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

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  hideCard();
  if (!closeSource()) closeSide();
});
