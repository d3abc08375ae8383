// <form data-autosave="#save-state" hx-post=… hx-target="#save-state">: says "Saving…" while a draft is on its way, and
// says plainly when it could not be kept. The server's answer ("Saved at 14:02") replaces the words.
import { words } from "./status.js";

function place(event) {
  const form = event.target.closest?.("[data-autosave]");
  return form && document.querySelector(form.dataset.autosave);
}

function say(event, name, failed = false) {
  const state = place(event);
  if (!state) return;
  state.classList.toggle("is-failed", failed);
  state.textContent = words(name);
}

document.addEventListener("htmx:beforeRequest", (event) => say(event, "saving"));
document.addEventListener("htmx:responseError", (event) => say(event, "unsaved", true));
document.addEventListener("htmx:sendError", (event) => say(event, "unsaved", true));
document.addEventListener("htmx:timeout", (event) => say(event, "unsaved", true));
