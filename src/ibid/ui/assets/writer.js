// The first page says who writes the answers. It is asked apart: a server that hangs holds nothing else up.

import { $, ask, whenThere } from "./dom.js";

async function nameWriter() {
  const line = $(".writer:empty");
  if (!line) return;
  line.textContent = "…";
  const told = await ask("writer");
  line.innerHTML = told.said ?? "";
}

whenThere(["#transcript"], (transcript) => {
  new MutationObserver(nameWriter).observe(transcript, { childList: true, subtree: true });
  nameWriter();
});
