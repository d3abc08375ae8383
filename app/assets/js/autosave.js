// <form data-autosave="#save-state" hx-post=… hx-target="#save-state">: shows "Saving…" while a draft is sent, and an error
// if it could not be saved. The server's answer ("Saved at 14:02") replaces the text.
import { words } from "./status.js";

function stateElement(event) {
  const form = event.target.closest?.("[data-autosave]");
  return form && document.querySelector(form.dataset.autosave);
}

function show(event, name, failed = false) {
  const state = stateElement(event);
  if (!state) return;
  state.classList.toggle("is-failed", failed);
  state.textContent = words(name);
}

document.addEventListener("htmx:beforeRequest", (event) => show(event, "saving"));
document.addEventListener("htmx:responseError", (event) => show(event, "unsaved", true));
document.addEventListener("htmx:sendError", (event) => show(event, "unsaved", true));
document.addEventListener("htmx:timeout", (event) => show(event, "unsaved", true));
