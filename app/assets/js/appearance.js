// A button with data-appearance switches between the system's setting, light and dark. The choice is stored on this device.
import { announce } from "./status.js";

const order = ["auto", "light", "dark"];
const root = document.documentElement;
const current = () => root.dataset.theme ?? "auto";

function show(button) {
  const label = button.getAttribute(`data-label-${current()}`);
  button.setAttribute("aria-label", label);
  button.title = label;
  for (const icon of button.querySelectorAll("[data-when]")) icon.toggleAttribute("hidden", icon.dataset.when !== current());
  return label;
}

function choose(name) {
  if (name === "auto") delete root.dataset.theme;
  else root.dataset.theme = name;
  try {
    localStorage.setItem("theme", name);
  } catch {
    // no storage: the choice is lost with the page
  }
}

const buttons = () => document.querySelectorAll("[data-appearance]");
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-appearance]")) return;
  choose(order[(order.indexOf(current()) + 1) % order.length]);
  const labels = [...buttons()].map(show);
  announce(labels[0]);
});
buttons().forEach(show);
