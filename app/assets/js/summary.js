// Where the focus goes when a page opens: to the error summary, or what has just changed, else to what was done.
// A message that is near has led scroll-back.js to its card. The links of the summary go to their fields. The skip link
// leaves nothing in the address.
export function focusOn(root) {
  const target = root.querySelector("[data-focus]") ?? root.querySelector(".flashes:not(.flashes--near)");
  target?.focus({ preventScroll: target.matches(".flashes") });
  return Boolean(target);
}

focusOn(document);
document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  for (let outer = field.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  (field.closest(".field") ?? field).scrollIntoView({ block: "start" });
  const control = field.matches("fieldset, div, section") ? field.querySelector("input, select, textarea") : field;
  (control ?? field).focus({ preventScroll: true });
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.skip, a.skip-map");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "start" });
});
