// <div data-keys>: while the focus is inside, nowhere, or on the answer to the last act, a single key presses the control
// [data-key] that names it, or moves to it where it is a field. Never while one types, and never with Ctrl, Alt or the
// like. A control inside closed <details> has no key. Swapped parts keep their keys: between the swap and the new focus
// the focus is nowhere, and a quick key must not be lost.
const TYPED = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";

document.addEventListener("keydown", (event) => {
  const desk = event.target.matches("body, #flashes") ? document.querySelector("[data-keys]") : event.target.closest("[data-keys]");
  if (!desk || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.matches(TYPED)) return;
  const pressed = event.key.toLowerCase();
  const control = [...desk.querySelectorAll("[data-key]")].find((one) => one.dataset.key === pressed && one.checkVisibility());
  if (!control) return;
  event.preventDefault();
  if (control.matches(TYPED)) control.focus();
  else control.click();
  if (control.matches("summary") && control.parentElement.open) control.parentElement.querySelector("button, select")?.focus();
});
