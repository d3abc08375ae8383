// What is written in a <form data-keep> is kept on this device until the server has it. Whoever comes back to the form
// finds the text again. Signing out deletes it. Passwords, files, hidden fields and what has
// data-unkept are never kept.
import { htmx } from "./partial.js";
import { words } from "./status.js";

const PREFIX = "kept:";
const LONGEST = 30 * 24 * 60 * 60 * 1000;
const PAUSE = 300;
// So that a text that is sent twice is one, and one that others changed meanwhile is compared.
const CARRIED = new Set(["form_key", "version"]);
const timers = new WeakMap();

const address = (form) => new URL(form.getAttribute("action") ?? location.href, location.href);
const key = (form) => `${PREFIX}${document.body.dataset.reader ?? ""}:${address(form).pathname}${address(form).search}`;

function stored(act) {
  try {
    return act(localStorage);
  } catch {
    return null; // no storage, or it is full
  }
}

const fields = (form) =>
  [...form.elements].filter((field) => {
    if (!field.name || field.disabled || field.matches("button, fieldset, [data-unkept]")) return false;
    return field.type === "hidden" ? CARRIED.has(field.name) : !["password", "file", "submit"].includes(field.type);
  });
const isBox = (field) => field.type === "checkbox" || field.type === "radio";
const value = (field) => (isBox(field) ? field.checked : field.value);
const initial = (field) => {
  if (isBox(field)) return field.defaultChecked;
  if (!field.matches("select")) return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
};
const isWritten = (form) => fields(form).some((field) => field.type !== "hidden" && value(field) !== initial(field));
const name = (field) => (isBox(field) ? `${field.name}=${field.value}` : field.name);

export function keep(form) {
  clearTimeout(timers.get(form));
  if (form.dataset.sentOff || !isWritten(form)) return;
  const written = Object.fromEntries(fields(form).map((field) => [name(field), value(field)]));
  stored((storage) => storage.setItem(key(form), JSON.stringify({ at: Date.now(), written })));
}

// The server has the text.
export function forget(form) {
  clearTimeout(timers.get(form));
  stored((storage) => storage.removeItem(key(form)));
}

function notice(form, at) {
  const line = document.createElement("div");
  line.className = "flash flash--info kept";
  const when = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  const text = document.createElement("p");
  text.textContent = words("kept").replace("{when}", when);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--small";
  button.textContent = words("unkeep");
  button.addEventListener("click", () => {
    forget(form);
    for (const field of fields(form)) {
      if (isBox(field)) field.checked = initial(field);
      else field.value = initial(field);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    line.remove();
    forget(form);
    fields(form).find((field) => field.type !== "hidden")?.focus();
  });
  line.append(text, button);
  form.prepend(line);
}

function restore(form) {
  const kept = JSON.parse(stored((storage) => storage.getItem(key(form))) ?? "null");
  if (!kept || form.querySelector(".error-summary")) return;
  if (Date.now() - kept.at > LONGEST) {
    forget(form);
    return;
  }
  const differing = fields(form).filter((field) => name(field) in kept.written && kept.written[name(field)] !== value(field));
  if (!differing.some((field) => field.type !== "hidden")) return;
  for (const field of differing) {
    if (isBox(field)) field.checked = kept.written[name(field)];
    else field.value = kept.written[name(field)];
    if (field.type !== "hidden") field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  notice(form, kept.at);
}

const forms = (root) => [...root.querySelectorAll("form[data-keep]"), ...(root.matches?.("form[data-keep]") ? [root] : [])];

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(keep, PAUSE, form));
});
window.addEventListener("pagehide", () => forms(document).forEach(keep));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") forms(document).forEach(keep);
});
// A form that htmx sends, and which stays on the page.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.("form[data-keep]:not([data-autosave])")) keep(event.target);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.requestConfig.elt; // by now it may have been replaced
  const { status } = event.detail.xhr;
  if (status >= 200 && status < 400 && form.matches?.("form[data-keep]:not([data-autosave])")) forget(form);
});
// Whoever uses this device next must not read it.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  stored((storage) => {
    for (const name of Object.keys(storage)) if (name.startsWith(PREFIX)) storage.removeItem(name);
  });
  document.querySelectorAll("form[data-keep]").forEach((form) => (form.dataset.sentOff = "yes"));
});
htmx.onLoad((root) => {
  try {
    forms(root).forEach(restore);
  } catch {
    // what was kept can't be read: the form opens as it is
  }
});
