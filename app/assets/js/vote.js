// Support and reactions show at once what was pressed. Where the server does not take it, all is as before, with a sentence.
import { htmx } from "./partial.js";
import { words } from "./status.js";

const before = new WeakMap();
const language = document.documentElement.lang;
const counter = (button) => button.querySelector(".tabular");
const count = (button) => Number((counter(button)?.textContent ?? "0").replace(/\D/g, ""));

function turn(button, pressed) {
  if ((button.getAttribute("aria-pressed") === "true") === pressed) return;
  const number = count(button) + (pressed ? 1 : -1);
  button.setAttribute("aria-pressed", String(pressed));
  if (!counter(button)) {
    const shown = document.createElement("span");
    shown.className = "tabular";
    button.append(" ", shown);
  }
  counter(button).textContent = number > 0 || button.id.startsWith("support-") ? number.toLocaleString(language) : "";
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target;
  const block = form.closest?.(".response");
  const button = block && form.querySelector("button[aria-pressed]");
  if (!button) return;
  before.set(form, block.cloneNode(true));
  const pressed = button.getAttribute("aria-pressed") !== "true";
  const rivals = button.name === "emotion" ? block.querySelectorAll("button[name=emotion]") : [];
  for (const rival of rivals) if (rival !== button) turn(rival, false);
  turn(button, pressed);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  const earlier = before.get(form);
  const block = form.closest?.(".response");
  const { status } = event.detail.xhr;
  if (!earlier || !block || (status >= 200 && status < 400) || [401, 409, 422, 429].includes(status)) return;
  const focused = block.contains(document.activeElement) && document.activeElement.id;
  earlier.querySelector(".response__refusal")?.remove();
  earlier.querySelectorAll(".htmx-request").forEach((element) => element.classList.remove("htmx-request"));
  const line = document.createElement("p");
  line.className = "response__refusal";
  line.textContent = words(status ? "failed" : "offline");
  earlier.prepend(line);
  block.replaceWith(earlier);
  htmx.process(earlier);
  if (focused) document.getElementById(focused)?.focus();
});
