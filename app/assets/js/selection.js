// <form data-selection>: its checkboxes [data-choose] are counted in [data-count]; [data-choose-all] selects or clears all;
// a [data-toolbar] is shown while something is selected; a <select data-only-chosen> offers only what is selected.
// A box [data-everything] means more than the page lists, as many as it says; one that is cleared clears it too.
// After each change the form has the event "chosen", with the values of what is selected: see map.js.
// Shift+click selects a range. What is selected is announced, and a link after the last box leads to the toolbar.
import { onEachPart } from "./partial.js";
import { announce, words } from "./status.js";

let last;
const every = (form) => form.querySelector("input[data-everything]:checked");
const count = (form) => Number(every(form)?.dataset.everything ?? boxes(form).filter((box) => box.checked).length);
const boxes = (form) => [...form.querySelectorAll("input[data-choose]")];

function offer(list, all) {
  const chosen = new Set(all.filter((box) => box.checked).map((box) => box.value));
  for (const option of list.options) option.hidden = option.disabled = !chosen.has(option.value);
  if (!chosen.has(list.value)) list.value = [...list.options].find((option) => !option.disabled)?.value ?? "";
}

function show(form) {
  const all = boxes(form);
  const chosen = all.filter((box) => box.checked).length;
  for (const shown of form.querySelectorAll("[data-count]")) shown.textContent = count(form).toLocaleString(document.documentElement.lang);
  for (const toolbar of form.querySelectorAll("[data-toolbar]")) toolbar.hidden = count(form) === 0;
  for (const list of form.querySelectorAll("select[data-only-chosen]")) offer(list, all);
  for (const box of form.querySelectorAll("input[data-choose-all]")) {
    box.checked = chosen > 0 && chosen === all.length;
    box.indeterminate = chosen > 0 && chosen < all.length;
  }
  form.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: new Set(all.filter((box) => box.checked).map((box) => box.value)) }));
}

function tell(form) {
  const language = document.documentElement.lang;
  const chosen = count(form);
  const plural = new Intl.PluralRules(language).select(chosen) === "one" ? "one" : "other";
  announce(words(`selected-${plural}`).replace("{n}", chosen.toLocaleString(language)), { seen: false });
}

// The toolbar may be dozens of stops away from the box.
function lead(form, box) {
  const link = form.querySelector(".to-actions") ?? document.createElement("a");
  const toolbar = form.querySelector("[data-toolbar]");
  const label = box.closest("label");
  if (!toolbar || toolbar.hidden || !label) {
    link.remove();
    return;
  }
  link.className = "to-actions hidden-visually";
  link.href = `#${toolbar.id}`;
  link.textContent = words("to-actions");
  label.after(link);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".to-actions");
  if (!link) return;
  event.preventDefault();
  document.querySelector(`${link.getAttribute("href")} :is(select, input:not([type=hidden]), button)`)?.focus();
});
document.addEventListener("click", (event) => {
  const box = event.target;
  const form = box.closest?.("[data-selection]");
  if (!form || !box.matches("input[data-choose], input[data-choose-all], input[data-everything]")) return;
  const all = boxes(form);
  if (box.matches("[data-everything]")) {
    if (box.checked) all.forEach((other) => (other.checked = true));
    show(form);
    tell(form);
    return;
  }
  if (!box.checked && every(form)) every(form).checked = false;
  if (box.matches("[data-choose-all]")) all.forEach((other) => (other.checked = box.checked));
  else {
    if (event.shiftKey && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((other) => (other.checked = box.checked));
    }
    last = box;
  }
  show(form);
  lead(form, box);
  tell(form);
});
onEachPart((root) => {
  const form = root.closest?.("[data-selection]");
  if (form) show(form);
  root.querySelectorAll("[data-selection]").forEach(show);
});
window.addEventListener("pageshow", () => document.querySelectorAll("[data-selection]").forEach(show));
