// What people set for themselves. It is kept in this browser: the model goes with each question.

import { $, $$, ask, on } from "./dom.js";

const LOOKS = ["theme", "size", "unsupported"];

function apply() {
  for (const name of LOOKS) {
    if (localStorage[name]) document.documentElement.dataset[name] = localStorage[name];
    else delete document.documentElement.dataset[name];
  }
}

const check = () => {
  for (const field of $$(".settings [type=radio]")) field.checked = field.value === (localStorage[field.name] ?? "");
};

on("click", "[data-settings]", async () => {
  $(".settings").showModal();
  check();
  const told = await ask("models");
  $(".settings-models").innerHTML = told.said ?? "";
  check();
});
on("change", ".settings [type=radio]", ({ name, value }) => {
  if (value) localStorage[name] = value;
  else delete localStorage[name];
  apply();
});
apply();
