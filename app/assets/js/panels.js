// Enter in a field of a panel presses the button of that panel: a form with several panels would press its first button.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.("input:not([type=checkbox]):not([type=radio]), select")) return;
  const button = event.target.closest(".choose__act")?.querySelector("button[type=submit]");
  if (!button) return;
  event.preventDefault();
  button.click();
});
