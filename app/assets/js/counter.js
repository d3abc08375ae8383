// A textarea with data-counter="id of the counter" and data-max shows how many characters are left.
import { htmx } from "./partial.js";

const plural = (count) => new Intl.PluralRules(document.documentElement.lang).select(Math.abs(count));

function show(area) {
  const counter = document.getElementById(area.dataset.counter);
  if (!counter) return;
  // The server counts code points, so this does too.
  const left = Number(area.dataset.max) - [...area.value].length;
  const kind = left < 0 ? "over" : "left";
  const form = plural(left) === "one" ? "one" : "other";
  const number = Math.abs(left).toLocaleString(document.documentElement.lang);
  counter.classList.toggle("is-over", left < 0);
  counter.textContent = counter.getAttribute(`data-${kind}-${form}`).replace("{n}", number);
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-counter]")) show(event.target);
});
htmx.onLoad((root) => {
  if (root.matches?.("[data-counter]")) show(root);
  root.querySelectorAll("[data-counter]").forEach(show);
});
