// Loaded in the head, before the first paint: sets the appearance chosen on this device, and marks that scripts run.
const root = document.documentElement;
root.classList.add("has-script");
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
} catch {
  // storage refused: follow the system
}
