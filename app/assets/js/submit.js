// A form is sent once. The buttons come back after a while (a download keeps the page) and when one comes back to the page.
const PATIENCE = 8000;

export function release(form) {
  delete form.dataset.sent;
  // Also buttons that stand outside of the form and name it.
  for (const element of form.elements) element.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  // A form that is kept is released when its answer comes: see send.js.
  if (!form.matches("[data-keep]")) setTimeout(release, PATIENCE, form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
