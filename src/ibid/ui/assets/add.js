// Adding articles to the folder: what was chosen, dropped or pasted, once somebody has confirmed it.

import { $, $$, ask, on } from "./dom.js";
import { toast } from "./side.js";
import { askOnly } from "./sieve.js";
import { build } from "./strip.js";

let chosen = []; // files, or texts as files
let planned = []; // those of them that can be added, with the names that they get

const dialog = () => $(".adding:not(.settings)");
const show = (bytes) => (bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`);

async function open(files = []) {
  chosen = [...files];
  $(".adding form").reset();
  if (!dialog().open) dialog().showModal();
  const allowed = await ask("landing?name=a.md&size=1"); // says why nothing can be added
  const barred = allowed.hint?.startsWith("ibid chat");
  $(".adding-sorry").textContent = barred ? `${allowed.error} ${allowed.hint}` : "";
  $(".adding-ways").hidden = barred;
  if (!barred) plan();
}

function pasted() {
  const text = $(".adding-text").value;
  if (!text.trim()) return [];
  const title = $(".adding-title").value.trim() || text.trim().split("\n")[0].replace(/^#+\s*/, "").slice(0, 60);
  return [new File([text], `${title.replaceAll(/[\\/]/g, "-")}.md`)];
}

async function plan() {
  const files = [...chosen, ...pasted()];
  const landings = await Promise.all(
    files.map(({ name, size }) => ask(`landing?${new URLSearchParams({ name: name.slice(0, 1000), size })}`)),
  );
  const names = landings.map(({ name }) => name?.toLowerCase());
  planned = [];
  const rows = landings.map((landing, n) => {
    const row = document.createElement("li");
    if (!landing.error && names.indexOf(names[n]) < n) landing.error = `${landing.name} was chosen twice.`;
    if (landing.error) {
      row.className = "refused";
      row.textContent = `${landing.error ?? "This cannot be added."} ${landing.hint ?? ""}`;
    } else {
      planned.push({ file: files[n], ...landing });
      row.textContent = `${landing.name} · ${show(landing.size)}`;
    }
    return row;
  });
  $(".adding-list").replaceChildren(...rows);
  const size = planned.reduce((sum, each) => sum + each.size, 0);
  const what = planned.length === 1 ? planned[0].name : `${planned.length} files`;
  $(".adding-where").textContent = planned.length
    ? `Add ${what} (${show(size)}) to ${planned[0].folder}? Nothing that is there is overwritten.`
    : "";
  $("[data-add-confirmed]").disabled = !planned.length;
}

async function encode(file) {
  const url = await new Promise((then) => {
    const reader = new FileReader();
    reader.onload = () => then(reader.result);
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}

on("click", "[data-add]", () => open());
on("change", ".adding [type=file]", ({ files }) => {
  chosen.push(...files);
  plan();
});
let typing;
on("input", ".adding :is([type=text], textarea)", () => {
  clearTimeout(typing);
  typing = setTimeout(plan, 250);
});
on("click", "[data-add-confirmed]", async (button) => {
  button.disabled = true;
  const added = [];
  for (const { file, name } of planned) {
    const told = await ask("add", { name, content: await encode(file) });
    if (told.error) {
      $(".adding-sorry").textContent = `${told.error} ${told.hint}`;
      break;
    }
    added.push(name);
  }
  if (!added.length) return;
  if (added.length === planned.length) dialog().close();
  await build();
  const what = added.length === 1 ? added[0] : `${added.length} files`;
  toast({ said: `${what} can be asked now.` }, () => askOnly(added), `Ask only ${added.length === 1 ? "this" : "these"}`);
});

// Whatever view is shown, what is dropped is never opened by the browser in place of the chat.
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  if (dialog().open) {
    chosen.push(...event.dataTransfer.files);
    plan();
  } else open(event.dataTransfer.files);
});
