// <table data-rows>: J or the arrow down goes to the next row, K or the arrow up to the one before, X selects the row. A row is
// [data-row]; its link [data-row-link] takes the focus, so that Enter opens it. Never while one types: see keys.js.
const TYPED = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";
const STEPS = { j: 1, arrowdown: 1, k: -1, arrowup: -1 };

document.addEventListener("keydown", (event) => {
  const table = event.target.matches("body, #flashes") ? document.querySelector("[data-rows]") : event.target.closest("[data-rows]");
  if (!table || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.target.matches(TYPED)) return;
  const rows = [...table.querySelectorAll("[data-row]")];
  const at = rows.indexOf(event.target.closest("[data-row]"));
  const pressed = event.key.toLowerCase();
  if (pressed in STEPS) {
    event.preventDefault();
    const to = at < 0 ? 0 : Math.min(Math.max(at + STEPS[pressed], 0), rows.length - 1);
    rows[to]?.querySelector("[data-row-link]")?.focus();
  } else if (pressed === "x" && at >= 0 && !event.repeat) {
    event.preventDefault();
    rows[at].querySelector("input[data-choose]")?.click();
  }
});
