// The first page: who writes the answers, and the conversations that are kept on this machine.

import { $, ask, on, whenThere } from "./dom.js";

const SURE = 4000; // milliseconds in which a second click means it

on("click", "[data-forget]", async (button) => {
  await ask("forget", { id: button.dataset.forget });
  const list = button.closest(".earlier");
  const next = button.closest("li").nextElementSibling ?? button.closest("li").previousElementSibling;
  button.closest("li").remove();
  if (!$("li", list)) list.remove();
  ($("[data-forget]", next ?? undefined) ?? $("#box")).focus();
});

on("click", "[data-forget-all]", async (button) => {
  if (!button.classList.contains("sure")) {
    button.classList.add("sure");
    button.textContent = "Really delete all?";
    setTimeout(() => {
      button.classList.remove("sure");
      button.textContent = "Delete all";
    }, SURE);
    return;
  }
  await ask("forget", { id: "*" });
  button.closest(".earlier").remove();
  $("#box").focus();
});

on("click", "#forget", async () => {
  const { conversation } = $("[data-conversation]").dataset;
  await ask("forget", { id: conversation });
  $("#clear").click();
});

// Who writes is asked apart: a server that hangs holds nothing else up.

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
