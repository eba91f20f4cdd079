// The sieve: the fields that say which articles a question or a comparison is about.

import { $, $$, ask, on } from "./dom.js";

const formOf = (element) => element.closest("form");
const fields = (form) => $$(".sieve input", form);
const back = (form) => $("textarea, input[type=search]", form).focus();

// What the fields of a form choose.
export const within = (form) =>
  Object.fromEntries(fields(form).map(({ name, value }) => [name, value.trim()]).filter(([, value]) => value));

export async function openSieve(form) {
  const sieve = $(".sieve", form);
  sieve.hidden = false;
  $("[data-sieve]", form).setAttribute("aria-expanded", "true");
  await fill(sieve);
}

async function fill(sieve) {
  if (sieve.children.length) return;
  const told = await ask("choices");
  if (told.error) return void (sieve.textContent = `${told.error} ${told.hint}`);
  sieve.innerHTML = told.said;
  for (const list of $$("datalist", sieve)) {
    $(`[list="${list.id}"]`, sieve).setAttribute("list", `${sieve.id}-${list.id}`); // one per form
    list.id = `${sieve.id}-${list.id}`;
  }
}

export function closeSieve(form) {
  $(".sieve", form).hidden = true;
  $("[data-sieve]", form).setAttribute("aria-expanded", "false");
}

// Fill the fields with what was chosen once, without opening them.
export async function choose(form, chosen) {
  if (Object.keys(chosen).length) await fill($(".sieve", form));
  for (const field of fields(form)) field.value = chosen[field.name] ?? "";
  nameSieve(form);
}

// Ask no other articles than these from now on.
export async function askOnly(names) {
  location.hash = "#ask";
  await choose($(".composer"), { only: names.join("\n") });
  $("#box").focus();
}

function nameSieve(form) {
  const chosen = Object.values(within(form)).flatMap((value) => value.split("\n"));
  $("[data-sieve] span", form).textContent = chosen.length ? `Only: ${chosen.join(", ")}` : "All articles";
  $("[data-sieve]", form).classList.toggle("chosen", chosen.length > 0);
  $("[data-unsieve]", form).hidden = !chosen.length;
}

on("click", "[data-sieve]", async (button) => {
  const form = formOf(button);
  if (!$(".sieve", form).hidden) return closeSieve(form);
  await openSieve(form);
  $(".sieve input", form)?.focus();
});
on("click", "[data-unsieve]", (button) => {
  choose(formOf(button), {});
  back(formOf(button));
});
on("click", "[data-only]", (button) => askOnly([button.dataset.only]));
on("input", ".sieve input", (field) => nameSieve(formOf(field)));
on("keydown", ".sieve input", (field, event) => {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  closeSieve(formOf(field));
  back(formOf(field));
});
document.addEventListener("built", () => {
  for (const sieve of $$(".sieve")) {
    sieve.replaceChildren();
    closeSieve(formOf(sieve));
    nameSieve(formOf(sieve));
  }
});
