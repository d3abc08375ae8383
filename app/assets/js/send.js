// A <form data-keep> is sent by script: where no answer comes, the page and the text stay. The server answers with
// X-Location instead of a redirect (see app/web/headers.py), or with the page of the form and its errors.
import { forget, keep } from "./keep.js";
import { htmx } from "./partial.js";
import { announce, words } from "./status.js";
import { release } from "./submit.js";
import { focusOn } from "./summary.js";
import { renewToken } from "./token.js";

const PATIENCE = 60_000;

const bodyOf = (form, submitter) => {
  const data = new FormData(form, submitter);
  return form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
};

const pathOf = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname;

// link: where to sign in again, if that is what is lacking.
function fail(form, text, link) {
  form.querySelector(".form__unsent")?.remove();
  const line = document.createElement("div");
  line.className = "flash flash--error form__unsent";
  // One child: the line is a row, and would squeeze a link beside the text to nothing.
  const sentence = document.createElement("p");
  sentence.textContent = text;
  if (link) sentence.append(" ", link);
  line.append(sentence);
  const row = form.querySelector(".submit-row, .sticky-submit, .actions");
  if (row?.parentElement === form) row.before(line);
  else form.append(line);
  line.scrollIntoView({ block: "nearest" });
  announce(text, { seen: false });
}

function go(target) {
  const url = new URL(target, location.href);
  if (url.pathname === location.pathname && url.search === location.search) {
    history.replaceState(null, "", url);
    location.reload();
  } else location.assign(url);
}

// The form came back with errors: show its page here, where the scripts go on running.
function show(form, page, moved) {
  const main = page.getElementById("main");
  // The query may differ: the text has become a draft. Or another form took the text, and says why: data-instead.
  const returned = [...main.querySelectorAll("form[data-keep]")].some(
    (other) => pathOf(other) === pathOf(form) || "instead" in other.dataset,
  );
  if (!returned) {
    const link = main.querySelector(".error-page a[target]");
    link?.removeAttribute("class");
    fail(form, main.querySelector(".lead")?.textContent.trim() || words("failed"), link);
    return;
  }
  if (moved !== null) {
    // Saved in part: the page goes on at the address of what was saved.
    form.dataset.sentOff = "yes";
    forget(form);
    history.replaceState(null, "", moved);
  }
  document.title = page.title;
  const replaced = document.getElementById("main");
  // Answers that are still on their way have no place on the new page.
  for (const asking of replaced.querySelectorAll("[hx-get], [hx-post]")) htmx.trigger(asking, "htmx:abort");
  replaced.replaceWith(main);
  htmx.process(main);
  htmx.trigger(main, "htmx:load");
  if (!focusOn(main)) main.focus();
}

async function send(form, submitter) {
  keep(form);
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
  try {
    const answer = await fetch(action, {
      method: "POST",
      body: bodyOf(form, submitter),
      headers: { "X-Sent-By": "script" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    renewToken((name) => answer.headers.get(name));
    const next = answer.headers.get("X-Location");
    if (next === null) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      show(form, page, answer.headers.get("Content-Location"));
      return;
    }
    if (!new URL(next, location.href).pathname.startsWith("/sign-in")) {
      form.dataset.sentOff = "yes";
      // Whoever comes back finds an empty form: what the browser would fill in again would be sent a second time.
      form.autocomplete = "off";
      forget(form);
    }
    go(next);
  } catch {
    fail(form, words("unsent"));
  } finally {
    release(form);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // htmx sends a form with hx-post by itself, unless it only saves drafts.
  if (event.defaultPrevented || !form.matches("form[data-keep]:is(:not([hx-post]), [data-autosave])")) return;
  event.preventDefault();
  send(form, event.submitter);
});
