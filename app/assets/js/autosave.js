// <form data-autosave="#save-state" hx-post=… hx-target="#save-state">: shows "Saving…" while a draft is sent, and an error
// if it could not be saved. The server's answer ("Saved at 14:02") replaces the text. What could not be saved is tried
// again after a while, when the connection is back, and when the page is left.
import { forget } from "./keep.js";
import { htmx } from "./partial.js";
import { announce, words } from "./status.js";

const FIRST_PAUSE = 4_000;
const LONGEST_PAUSE = 60_000;
const states = new WeakMap();

function stateOf(form) {
  if (!states.has(form)) states.set(form, { written: 0, sending: 0, saved: 0, left: 0, pause: FIRST_PAUSE, timer: 0, failed: false });
  return states.get(form);
}
const formOf = (event) => event.target.closest?.("form[data-autosave]");
const isWaiting = (form) => stateOf(form).saved < stateOf(form).written && !form.dataset.sentOff && !form.dataset.sent;

function show(form, name, failed = false) {
  const line = document.querySelector(form.dataset.autosave);
  if (!line) return;
  line.classList.toggle("is-failed", failed);
  line.textContent = words(name);
}

function save(form) {
  if (form.isConnected && isWaiting(form)) htmx.trigger(form, "retry");
}

function onFailure(form, status) {
  const state = stateOf(form);
  const line = document.querySelector(form.dataset.autosave);
  // Of most refusals the server has said why, in the same place.
  if (status === 0 || status >= 500) show(form, "unsaved", true);
  else if (line?.textContent === words("saving")) show(form, "failed", true);
  else line?.classList.add("is-failed");
  if (!state.failed) announce(document.querySelector(form.dataset.autosave)?.textContent || words("unsaved"), { seen: false });
  state.failed = true;
  clearTimeout(state.timer);
  state.timer = setTimeout(save, state.pause, form);
  state.pause = Math.min(2 * state.pause, LONGEST_PAUSE);
}

function onSuccess(form) {
  const state = stateOf(form);
  document.querySelector(form.dataset.autosave)?.classList.remove("is-failed");
  if (state.failed) announce(document.querySelector(form.dataset.autosave)?.textContent, { seen: false });
  Object.assign(state, { saved: state.sending, failed: false, pause: FIRST_PAUSE });
  clearTimeout(state.timer);
  if (state.saved === state.written) forget(form);
}

document.addEventListener("input", (event) => {
  const form = formOf(event);
  if (form) stateOf(form).written += 1;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = formOf(event);
  if (!form) return;
  // While the form itself is sent, its text is on its way already. Should that fail, it is saved after a while.
  if (form.dataset.sent) {
    event.preventDefault();
    clearTimeout(stateOf(form).timer);
    stateOf(form).timer = setTimeout(save, stateOf(form).pause, form);
    return;
  }
  stateOf(form).sending = stateOf(form).written;
  show(form, "saving");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = formOf(event);
  if (!form) return;
  const { status } = event.detail.xhr;
  if (status >= 200 && status < 400) onSuccess(form);
  else onFailure(form, status);
});
window.addEventListener("online", () => document.querySelectorAll("form[data-autosave]").forEach(save));

// The browser sends a beacon even when the page is gone; no answer comes, so the copy on this device stays.
function leave() {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const state = stateOf(form);
    if (!isWaiting(form) || state.left === state.written) continue;
    state.left = state.written;
    navigator.sendBeacon(form.getAttribute("hx-post"), new URLSearchParams(new FormData(form)));
  }
}
window.addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") leave();
});
